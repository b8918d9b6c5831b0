import Layers
import Tensors
import Training

/// Four batches of 16 take the step of one batch of 64, in a quarter of the memory for activations.
/// - Returns: The greatest difference between the weights of both ways.
func accumulatedGradients(epochs: Int = 2, write: (String) -> Void = { print($0) }) throws -> Float {
    func train(batchSize: Int, _ callbacks: [Callback]) throws -> Learner {
        setRandomSeed(0)
        let model = Sequential(ConvLayer(3, 16, stride: 2), AdaptivePool(), Linear(16, 4))
        let learner = Learner(
            model, DataLoaders(train: DataLoader(TexturedShapes(count: 128, size: 16), batchSize: batchSize)), loss: CrossEntropyLoss(),
            learningRate: 0.1, callbacks: callbacks)
        try learner.fit(epochs: epochs)
        return learner
    }

    let small = try train(batchSize: 16, [GradientAccumulation(batches: 4)]), large = try train(batchSize: 64, [])
    let differences = zip(small.model.parameters(), large.model.parameters()).map { ($0 - $1).abs().max().item }
    write("\(small.stepCount) and \(large.stepCount) steps, weights differ by at most \(differences.max()!)")
    return differences.max()!
}
