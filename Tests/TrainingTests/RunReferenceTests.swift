import Foundation
import Layers
import Tensors
import Testing
@testable import Training
@testable import TrainingExamples

/// Small trainings as PyTorch ran them, and items of data sets, as `Tests/Reference/runs_reference.py` wrote them.
private struct RunReference: Decodable {
    struct Items: Decodable { let count: Int, indexes: [Int], labels: [Int] }
    struct Finder: Decodable { let epoch: Int, batch: Int, points: [[Double]] }

    let items: [String: Items], batch: Int, x: [Float], y: [Int], weights: [[Float]], finder: Finder, accumulated: [[Float]]

    static func read() throws -> RunReference {
        try JSONDecoder().decode(RunReference.self, from: Data(contentsOf: URL(filePath: Reference.folder!).appending(path: "runs.json")))
    }

    /// The same batches in the same order, and the same first weights.
    func learner(rate: Double, _ callbacks: [Callback]) -> Learner {
        let model = withRandomSeed(0) { Sequential(Linear(2, 8), Tanh(), Linear(8, 2)) }
        for (parameter, values) in zip(model.parameters(), weights) { parameter.assign(Tensor(values, shape: parameter.shape)) }
        let samples = y.indices.map { Sample([x[2 * $0], x[2 * $0 + 1]], label: y[$0]) }
        return Learner(
            model, DataLoaders(train: DataLoader(ArrayDataset(samples), batchSize: batch)), loss: CrossEntropyLoss(), learningRate: rate,
            callbacks: callbacks)
    }
}

@Suite("Small trainings and items of data sets equal PyTorch's", .enabled(if: Reference.isPresent, "TRACK_REFERENCE_DIR is not set: not compared"))
struct RunReferenceTests {
    private let reference: RunReference
    init() throws { reference = try RunReference.read() }

    @Test("the rate finder stops in the second epoch on batch 89 with the 88 rates and losses of PyTorch's loop") func finder() throws {
        let finder = LRFinder()
        let learner = reference.learner(rate: 0.1, [finder])
        try learner.fit(epochs: 2)

        #expect(reference.finder.epoch == 1 && reference.finder.batch == 89 && reference.finder.points.count == 88)
        #expect(learner.epoch == 1 && learner.stepCount == 89 && learner.stopReason.hasPrefix("learning rate 11.1"))
        #expect(finder.points.map(\.rate) == reference.finder.points.map { $0[0] })
        #expect(worstError(finder.points.map(\.loss), reference.finder.points.map { $0[1] }) < 1e-4)
    }

    @Test("k accumulated batches make the steps that PyTorch makes with loss / k") func accumulation() throws {
        let learner = reference.learner(rate: 0.1, [GradientAccumulation(batches: 4)])
        try learner.fit(epochs: 1)

        #expect(learner.stepCount == 15 && reference.accumulated != reference.weights)
        for (parameter, expected) in zip(learner.model.parameters(), reference.accumulated) {
            #expect(worstError(parameter.scalars, expected, floor: 1) < 1e-6)
        }
    }

    @Test("items are those of a Python data set on the same files, number for number") func items() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var numbers = try Data(contentsOf: URL(filePath: Reference.folder!).appending(path: "items.bin"))
        func expectEqual(_ dataset: some Dataset<Sample>, _ expected: RunReference.Items) throws {
            #expect(dataset.count == expected.count)
            for (index, label) in zip(expected.indexes, expected.labels) {
                let sample = try dataset[index], bytes = sample.x.elements.count * 4
                let theirs = numbers.prefix(bytes).withUnsafeBytes { raw in
                    (0..<sample.x.elements.count).map { Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
                }
                numbers = numbers.dropFirst(bytes)
                #expect(sample.x.elements == theirs && sample.y == .label(label), "item \(index)")
            }
        }

        try expectEqual(try ScannedDigits(root.appending(path: "Examples/Digits/Data/digits.csv").path), #require(reference.items["digits"]))
        try expectEqual(try Photographs(Reference.folder! + "/photographs.bin"), #require(reference.items["photographs"]))
        #expect(numbers.isEmpty && reference.items["photographs"]?.labels.first == 0)
    }

    @Test("of a state that PyTorch saved, a backbone takes its part by prefix and a new head learns alone") func backbone() throws {
        final class Classifier: Module {
            let backbone = Sequential(Conv2d(3, 8, kernel: 3, stride: 2, padding: 1), BatchNorm2d(8), ReLU(), AdaptiveAvgPool2d(2), Flatten())
            let head = Linear(32, 4)
            override func forward(_ x: Tensor) -> Tensor { head(backbone(x)) }
        }
        let saved = try StateDict(contentsOf: Reference.folder! + "/torch.safetensors"), model = withRandomSeed(1) { Classifier() }
        let report = try model.backbone.load(saved, strict: false)
        model.requiresGrad(false)
        model.head.requiresGrad(true)
        model.backbone.eval()
        let before = model.head.stateDict()
        let learner = Learner(
            model, DataLoaders(train: DataLoader(TexturedShapes(count: 40, size: 12), batchSize: 8)), loss: CrossEntropyLoss(), learningRate: 0.1)
        try learner.fit(epochs: 2)

        #expect(Set(report.unexpected) == ["5.weight", "5.bias"] && report.missing.isEmpty && learner.stepCount == 10)
        #expect(model.backbone.stateDict().entries.allSatisfy { $0.values == saved[$0.name]?.values })
        #expect(model.head.stateDict() != before)
    }
}
