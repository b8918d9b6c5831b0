import Layers
import Tensors
import Training

/// A network of two parts: what sees, and what decides.
final class ShapeClassifier: Module {
    let backbone = Sequential(ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), AdaptivePool())
    let head: Linear

    init(classes: Int) { head = Linear(32, classes) }
    override func forward(_ x: Tensor) -> Tensor { head(backbone(x)) }
}

/// Trains on four textures, then teaches only a new head another question: is it striped?
/// - Returns: The accuracy on the new question, and whether the backbone stayed as it was, bit by bit.
func transferLearning(epochs: Int = 8, write: (String) -> Void = { print($0) }) throws -> (accuracy: Double, backboneStayed: Bool) {
    func makeLearner(_ model: Module, _ data: some Dataset<Sample>) -> Learner {
        let (train, valid) = data.split { $0 % 5 != 0 }
        let loaders = DataLoaders(train: DataLoader(train, batchSize: 32, shuffled: true), valid: DataLoader(valid, batchSize: 64))
        return Learner(model, loaders, loss: CrossEntropyLoss(), learningRate: 0.01, callbacks: [TrackResults()], optimizer: .adam())
    }

    setRandomSeed(0)
    let shapes = TexturedShapes(count: 320, size: 16)
    let trained = ShapeClassifier(classes: 4)
    let first = makeLearner(trained, shapes)
    try first.fit(epochs: epochs)
    write("four textures: accuracy \(first.metrics["accuracy"]!)")

    // Of the trained state only what belongs to the backbone is taken; the head is new.
    let model = ShapeClassifier(classes: 2)
    try model.backbone.load(trained.stateDict().removingPrefix("backbone."))
    model.requiresGrad(false)
    model.head.requiresGrad(true)
    write("\(model.summary([3, 16, 16]))")

    let second = makeLearner(model, shapes.map { Sample($0.x, label: [.label(1), .label(2)].contains($0.y) ? 1 : 0) })
    try second.fit(epochs: epochs)
    write("striped or not: accuracy \(second.metrics["accuracy"]!)")
    return (second.metrics["accuracy"]!, model.backbone.stateDict() == trained.backbone.stateDict())
}
