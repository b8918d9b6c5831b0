import Layers
import Tensors
import Training

/// What a learner does, written out: zero gradients, forward, loss, backward, step; then the same forward without gradients.
func plainLoop(epochs: Int = 8, write: (String) -> Void = { print($0) }) throws -> Double {
    let train = DataLoader(TexturedShapes(count: 256, size: 16), batchSize: 32, shuffled: true)
    let valid = DataLoader(TexturedShapes(count: 320, size: 16).split { $0 < 256 }.valid, batchSize: 64)

    setRandomSeed(0)
    let model = Sequential(ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), AdaptivePool(), Linear(32, 4))
    let criterion = CrossEntropyLoss()
    let optimizer = Adam(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate: 0.01)
    var accuracy = 0.0

    for epoch in 0..<epochs {
        model.train()
        let batches = try train.batches(epoch: epoch)
        while let batch = try batches.next().map({ Batch($0) }) {
            optimizer.zeroGradients()
            let loss = criterion(model(batch.x), batch.y)
            loss.backward()
            optimizer.step()
        }

        accuracy = try shareOfRightAnswers(of: model, on: valid)
        write("epoch \(epoch), accuracy \(accuracy)")
    }
    return accuracy
}

/// Validation is the same forward pass: in evaluation, without gradients.
func shareOfRightAnswers(of model: Module, on loader: DataLoader) throws -> Double {
    model.eval()
    let batches = try loader.batches()
    var correct = 0
    while let batch = try batches.next().map({ Batch($0) }) {
        correct += noGrad { correctCount(model(batch.x), batch.y)! }
    }
    return Double(correct) / Double(loader.sampleCount)
}
