import Layers
import Tensors
import Training

/// A line through eleven points: the whole of training in its smallest form.
///
/// Once the fast part of the error is gone, each epoch's loss is 0.98883 times the last: (1 − 2 · 0.01 · λ)² with λ the smaller
/// eigenvalue of [[35, 5], [5, 1]].
func linearRegression(epochs: Int = 100, write: (String) -> Void = { print($0) }) throws -> (weight: Float, bias: Float) {
    let points = RawBatch(
        inputs: RawArray((0...10).map(Float.init), shape: [11, 1]),
        targets: .values(RawArray((0...10).map { 2 * Float($0) + 1 }, shape: [11, 1])))

    setRandomSeed(0)
    let model = Linear(1, 1)
    let learner = Learner(model, DataLoaders(train: DataLoader(batches: [points])), loss: MSELoss(), learningRate: 0.01)
    for _ in 0..<10 {
        try learner.fit(epochs: epochs / 10)
        write("epochs \(learner.stepCount), loss \(learner.metrics["loss"]!)")
    }
    return (model.weight.item, model.bias!.item)
}
