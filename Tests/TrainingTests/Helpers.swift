import Foundation
import Layers
import Tensors
@testable import Training

/// Ten numbers 0…9 with the number itself, or its remainder by 2, as answer.
struct Counting: Dataset {
    var count = 10
    subscript(index: Int) -> Sample { Sample([Float(index), 1], label: index % 2) }
}

/// y = 2x + 1 at x = 0 … 10, as one batch.
enum LinearRegression {
    static let batch = RawBatch(
        inputs: RawArray((0...10).map(Float.init), shape: [11, 1]),
        targets: .values(RawArray((0...10).map { 2 * Float($0) + 1 }, shape: [11, 1])))

    static func model(weight: Float, bias: Float) -> Linear {
        let model = withRandomSeed(0) { Linear(1, 1) }
        model.weight.assign(Tensor([[weight]]))
        model.bias!.assign(Tensor([bias]))
        return model
    }

    static func learner(_ model: Module, callbacks: [Callback] = []) -> Learner {
        Learner(model, DataLoaders(train: DataLoader(batches: [batch])), loss: MSELoss(), learningRate: 0.01, callbacks: callbacks)
    }

    static func losses(of model: Module, epochs: Int) throws -> [Double] {
        let record = Recorder { $0 == "afterBatch" ? "\($1.lossValue)" : nil }
        try learner(model, callbacks: [record]).fit(epochs: epochs)
        return record.events.map { Double($0)! }
    }
}

/// Writes down what happens, in order.
final class Recorder: Callback {
    private(set) var events: [String] = []
    private let describe: (String, Learner) -> String?
    /// Thrown at the hook of that name.
    var failing: [String: any Error] = [:]

    init(_ describe: @escaping (String, Learner) -> String? = { name, _ in name }) { self.describe = describe }

    private func note(_ name: String, _ learner: Learner) { if let event = describe(name, learner) { events.append(event) } }
    private func meet(_ name: String, _ learner: Learner) throws {
        note(name, learner)
        if let error = failing[name] { throw error }
    }

    override func beforeFit(_ learner: Learner) throws { try meet("beforeFit", learner) }
    override func afterFit(_ learner: Learner) throws { try meet("afterFit", learner) }
    override func cleanupFit(_ learner: Learner) { note("cleanupFit", learner) }
    override func beforeEpoch(_ learner: Learner) throws { try meet("beforeEpoch", learner) }
    override func afterEpoch(_ learner: Learner) throws { try meet("afterEpoch", learner) }
    override func cleanupEpoch(_ learner: Learner) { note("cleanupEpoch", learner) }
    override func betweenEpochs(_ learner: Learner) throws { try meet("betweenEpochs", learner) }
    override func beforeBatch(_ learner: Learner) throws { try meet("beforeBatch", learner) }
    override func afterLoss(_ learner: Learner) throws { try meet("afterLoss", learner) }
    override func afterBackward(_ learner: Learner) throws { try meet("afterBackward", learner) }
    override func beforeStep(_ learner: Learner) throws { try meet("beforeStep", learner) }
    override func afterBatch(_ learner: Learner) throws { try meet("afterBatch", learner) }
    override func cleanupBatch(_ learner: Learner) { note("cleanupBatch", learner) }
}

/// Puts given gradients on two parameters and sees what is left of them behind the callbacks before it.
final class GradientProbe: Callback {
    private final class Model: Module {
        let first: Parameter, second: Parameter
        init(_ sizes: [Int]) { (first, second) = (Parameter(.zeros([sizes[0]])), Parameter(.zeros([sizes[1]]))) }
        override func forward(_ x: Tensor) -> Tensor { first.sum() + second.sum() }
    }

    private let gradients: [[Float]]
    private(set) var seen: [[Float]] = []
    private(set) var norm = 0.0

    init(gradients: [[Float]]) { self.gradients = gradients }

    func learner(callbacks: [Callback]) -> Learner {
        let given = gradients
        let weights = given.map { Tensor($0) }
        let model = Model(given.map(\.count))
        // The gradient of a sum of products is the other factor.
        return Learner(
            model, DataLoaders(train: DataLoader(batches: [LinearRegression.batch])),
            loss: { _, _ in (model.first * weights[0]).sum() + (model.second * weights[1]).sum() }, learningRate: 0, callbacks: callbacks)
    }

    override func beforeStep(_ learner: Learner) {
        norm = learner.gradientNorm
        seen = learner.namedParameters.map { $0.parameter.grad!.scalars }
    }
}

/// A small classification: points in the plane, above or below a parabola.
struct Parabola: Dataset {
    var count: Int
    subscript(index: Int) -> Sample {
        var stream = RandomStream(seed: 77, position: UInt64(index) * 2)
        let x = Float(stream.uniform()) * 4 - 2, y = Float(stream.uniform()) * 4 - 1
        return Sample([x, y], label: y > x * x ? 1 : 0)
    }
}

func makeClassifier(seed: UInt64 = 5, dropout: Float = 0) -> Sequential {
    withRandomSeed(seed) { Sequential(Linear(2, 16), ReLU(), Dropout(dropout), Linear(16, 2)) }
}

/// Suites run side by side, and the process has one stream for new layers.
func withRandomSeed<Result>(_ seed: UInt64, _ make: () throws -> Result) rethrows -> Result {
    randomSeedLock.lock()
    defer { randomSeedLock.unlock() }
    setRandomSeed(seed)
    return try make()
}

private let randomSeedLock = NSLock()

/// A folder that is gone when the test ends.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

func makePictureModel(widths: [Int] = [8, 16], classes: Int = 4, seed: UInt64 = 11) -> Sequential {
    withRandomSeed(seed) {
        Sequential(zip([3] + widths, widths).map { ConvLayer($0, $1, stride: 2) } + [AdaptivePool(), Linear(widths.last!, classes)])
    }
}
