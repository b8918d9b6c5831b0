import Foundation
import Layers
import Tensors
import Training

/// What ``endToEnd(size:count:epochs:folder:write:)`` saw.
struct EndToEndResult {
    var finderPoints: Int
    var validAccuracies: [Double]
    var resumedIsSame: Bool
    var headAccuracy: Double
    var summary: String
}

/// The whole way of a project on colour pictures: normalise by the first batch, look for a rate, one cycle, checkpoints, resume,
/// a summary, a frozen backbone with a new head. The pictures are made up (``TexturedShapes``): no photographs are part of this package.
func endToEnd(size: Int = 64, count: Int = 1_000, epochs: Int = 8, folder: String = "saved", write: @escaping (String) -> Void = { print($0) }) throws -> EndToEndResult {
    let (train, valid) = TexturedShapes(count: count, size: size).split { $0 % 5 != 0 }
    return try endToEnd(train, valid, size: size, classes: 4, epochs: epochs, folder: folder, write: write)
}

/// The same on pictures of your own.
func endToEnd(
    _ train: some Dataset<Sample>, _ valid: some Dataset<Sample>, size: Int, classes: Int, epochs: Int, folder: String, write: @escaping (String) -> Void
) throws -> EndToEndResult {
    let project = PictureProject(train: train, valid: valid, classes: classes, write: write)
    let finder = try project.makeLearner(project.makeModel(), rate: 0.1).findLearningRate()
    let saving = Checkpointing(folder: folder, write: write)
    var accuracies: [Double] = []
    let history = Observer { learner in accuracies.append(learner.metrics["accuracy"]!) }
    let whole = project.makeLearner(project.makeModel(), rate: 0.03, [OneCycle(), EarlyStopping(patience: epochs), history, saving])
    try whole.fit(epochs: epochs)

    let resumed = project.makeLearner(project.makeModel(), rate: 0.03, [OneCycle(), EarlyStopping(patience: epochs)])
    try resumed.resume(from: saving.files[epochs / 2 - 1])
    try resumed.fit(epochs: epochs)

    let (tuned, headAccuracy) = try project.tuneHead(of: whole.model)
    let summary = "\(tuned.summary([3, size, size]))"
    write(summary)
    write("\(finder.points.count) rates tried; accuracies \(accuracies); a new head alone \(headAccuracy)")

    return EndToEndResult(
        finderPoints: finder.points.count, validAccuracies: accuracies,
        resumedIsSame: resumed.model.stateDict() == whole.model.stateDict(), headAccuracy: headAccuracy, summary: summary)
}

/// What the fits of one project have in common.
private struct PictureProject<Pictures: Dataset<Sample>, ValidPictures: Dataset<Sample>> {
    let train: Pictures, valid: ValidPictures
    let classes: Int
    let write: (String) -> Void

    func makeLearner(_ model: Module, rate: Double, _ callbacks: [Callback] = []) -> Learner {
        let loaders = DataLoaders(
            train: DataLoader(train, batchSize: 32, shuffled: true, seed: 4), valid: DataLoader(valid, batchSize: 64))
        return Learner(
            model, loaders, loss: CrossEntropyLoss(), learningRate: rate,
            callbacks: [Normalize(), TrackResults(write: write)] + callbacks, optimizer: .sgd(momentum: 0.9))
    }

    func makeModel() -> Sequential {
        setRandomSeed(3)
        return Sequential(
            ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), AdaptivePool(), Linear(64, classes))
    }

    /// Trains a new head on the trained, frozen layers.
    func tuneHead(of trained: Module) throws -> (model: Module, accuracy: Double) {
        let tuned = makeModel()
        try tuned.load(trained.stateDict())
        tuned.requiresGrad(false)
        tuned[4] = Linear(64, classes)
        let learner = makeLearner(tuned, rate: 0.05)
        try learner.fit(epochs: 2)
        return (tuned, learner.metrics["accuracy"]!)
    }
}

/// Calls a function after each validation pass.
final class Observer: Callback {
    private let body: (Learner) -> Void
    init(_ body: @escaping (Learner) -> Void) { self.body = body }
    override func afterEpoch(_ learner: Learner) { if learner.phase == .valid { body(learner) } }
}
