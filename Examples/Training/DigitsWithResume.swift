import Foundation
import Layers
import Tensors
import Training

/// The scanned digits of `Examples/Digits/Data`, as a data set.
struct ScannedDigits: Dataset {
    let rows: [[Float]]

    init(_ path: String) throws {
        rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { $0.split(separator: ",").map { Float($0)! } }
    }

    var count: Int { rows.count }
    subscript(index: Int) -> Sample { Sample(RawArray(rows[index].dropLast().map { $0 / 16 }, shape: [1, 8, 8]), label: Int(rows[index][64])) }
}

/// Finds a learning rate, trains with one cycle, saves every epoch, stops in time; then goes on from a checkpoint as if it had
/// never been interrupted.
/// - Returns: The accuracy of the whole run and of the resumed one: the same number.
func digitsWithResume(
    data: String = "Examples/Digits/Data/digits.csv", folder: String = "saved", epochs: Int = 12, write: @escaping (String) -> Void = { print($0) }
) throws -> (whole: Double, resumed: Double) {
    let digits = try ScannedDigits(data)
    let finder = try makeLearner(digits, rate: 0.1).findLearningRate()
    let rate = min(finder.suggestion ?? 0.1, 0.2)
    write("\(finder.points.count) rates tried; the loss fell fastest at \(rate)")

    let saving = Checkpointing(folder: folder, keeping: .every(2), write: write)
    let whole = makeLearner(digits, rate: rate, [saving])
    try whole.fit(epochs: epochs)

    let resumed = makeLearner(digits, rate: rate)
    try resumed.resume(from: saving.files[(saving.files.count - 1) / 2])
    try resumed.fit(epochs: epochs)
    write("accuracy \(whole.metrics["accuracy"]!), resumed \(resumed.metrics["accuracy"]!)")
    return (try whole.validate()["accuracy"]!, try resumed.validate()["accuracy"]!)
}

/// The same model, data and order of batches each time.
private func makeLearner(_ digits: ScannedDigits, rate: Double, _ callbacks: [Callback] = []) -> Learner {
    setRandomSeed(1)
    let model = Sequential(ConvLayer(1, 16), ConvLayer(16, 32, stride: 2), Dropout(0.1, seed: 7), AdaptivePool(), Linear(32, 10))
    let (train, valid) = digits.split(validFraction: 0.2, seed: 1)
    let loaders = DataLoaders(
        train: DataLoader(train, batchSize: 64, shuffled: true, seed: 1), valid: DataLoader(valid, batchSize: 256))
    return Learner(
        model, loaders, loss: CrossEntropyLoss(), learningRate: rate,
        callbacks: [TrackResults(), NaNStop(), OneCycle(), EarlyStopping(patience: 5)] + callbacks, optimizer: .sgd(momentum: 0.9))
}
