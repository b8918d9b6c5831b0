import Foundation
import Layers
import Tensors
import Testing
@testable import Training
@testable import TrainingExamples

@Suite("Files of weights") struct ModelFileTests {
    @Test("what is saved is loaded, bit by bit") func roundTrip() throws {
        try withTemporaryFolder { folder in
            let model = makePictureModel(), other = makePictureModel(seed: 12)
            try model.save(to: folder + "/model.safetensors")
            try other.load(from: folder + "/model.safetensors")

            #expect(other.stateDict() == model.stateDict())
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["model.safetensors"])
        }
    }

    /// A network whose numbers are eighths, so that any program makes the same.
    static func makeKnownModel() throws -> Sequential {
        let model = Sequential(Conv2d(2, 3, kernel: 3), BatchNorm2d(3), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(3, 2))
        try model.load(StateDict(model.stateDict().entries.enumerated().map { place, entry in
            guard case .floats(let old) = entry.values else { return .init(name: entry.name, shape: entry.shape, values: .integers([3])) }
            let isVariance = entry.name.hasSuffix("running_var")
            let values = old.indices.map { Float(isVariance ? 8 + $0 : ($0 * 7 + place * 3) % 23 - 11) / 8 }
            return .init(name: entry.name, shape: entry.shape, values: .floats(values))
        }))
        return model
    }

    @Test("a model's file is the same as ever, byte for byte") func bytes() throws {
        try withTemporaryFolder { folder in
            try Self.makeKnownModel().save(to: folder + "/model.safetensors")
            let written = try Data(contentsOf: URL(filePath: folder + "/model.safetensors"))

            #expect(written == modelFile, "\(written.base64EncodedString(options: .lineLength76Characters))")
        }
    }

    @Test("entries keep the model's order and may hold special values") func entries() throws {
        let state = StateDict([
            .init(name: "z", shape: [3], values: .floats([.infinity, -0.0, .leastNonzeroMagnitude])), .init(name: "a \"q\"", shape: [0, 4], values: .floats([])),
            .init(name: "ä", shape: [], values: .integers([-3])),
        ])

        #expect(try Safetensors(Safetensors(tensors: state).data, path: "x").tensors == state)
    }

    @Test("headers that lie are refused", arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, #"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775807,3]}}"#,
        #"[1]"#, #"{"a":"#, "",
    ])
    func lies(header: String) {
        var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        file.append(contentsOf: header.utf8)
        file.append(contentsOf: [0, 0, 128, 63])
        let error = #expect(throws: ModelFileError.self) { try Safetensors(file, path: "x") }
        guard case .notSafetensors? = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test("a whole model comes back from its file: layers, weights, outputs") func whole() throws {
        let model = withRandomSeed(3) {
            Sequential(
                Conv2d(4, 6, kernel: Size2D(3, 2), stride: Size2D(2, 1), padding: 1, dilation: Size2D(1, 2), groups: 2, bias: false), BatchNorm2d(6, momentum: 0.3),
                ReLU(), MaxPool2d(2, stride: 1), Sequential(ConvLayer(6, 5, stride: 2, act: false), GELU(approximate: true), Dropout(0.4)),
                AdaptiveAvgPool2d(Size2D(2, 1)), Flatten(), LayerNorm(10, epsilon: 1e-3), Linear(10, 3, bias: false), Tanh(), Sigmoid())
        }
        _ = model(.ones([3, 4, 12, 12]))
        let pooled = withRandomSeed(4) { Sequential(Embedding(5, 4)) }
        try withTemporaryFolder { folder in
            try model.saveWhole(to: folder + "/m.safetensors")
            let read = try Sequential(contentsOf: folder + "/m.safetensors")

            #expect(read.stateDict() == model.stateDict())
            #expect(try LayerDescription(of: read) == LayerDescription(of: model))
            let x = Tensor((0..<576).map { Float($0 % 17) / 17 }, shape: [1, 4, 12, 12])
            #expect(read.eval()(x).scalars == model.eval()(x).scalars)

            try pooled.saveWhole(to: folder + "/e.safetensors")
            #expect(try Sequential(contentsOf: folder + "/e.safetensors").stateDict() == pooled.stateDict())
            try model.save(to: folder + "/w.safetensors")
            #expect(throws: ModelFileError.notAModel(path: folder + "/w.safetensors")) { try Sequential(contentsOf: folder + "/w.safetensors") }
        }
    }

    @Test("layers that cannot be described or made are refused by name", arguments: [
        (LayerDescription("Linear", ["weight": [3]]), ModelFileError.badLayer(type: "Linear", option: "weight")),
        (LayerDescription("Linear", ["weight": [3, 2.5], "bias": [1]]), .badLayer(type: "Linear", option: "weight")),
        (LayerDescription("Linear", ["weight": [3, -1], "bias": [1]]), .badLayer(type: "Linear", option: "weight")),
        (LayerDescription("Dropout", ["probability": [.nan]]), .badLayer(type: "Dropout", option: "probability")),
        (LayerDescription("Sequential", layers: [LayerDescription("Magic")]), .unknownLayer(type: "Magic")),
    ])
    func undescribed(description: LayerDescription, error: ModelFileError) throws {
        #expect(throws: error) { try description.makeModule() }
        #expect(throws: ModelFileError.undescribed(type: "Lambda")) { try LayerDescription(of: Lambda { $0 }) }
    }

    @Test("transfer: a backbone by prefix, a new head, only the head moves") func transfer() throws {
        final class Classifier: Module {
            let backbone: Sequential, head: Linear
            init(classes: Int, seed: UInt64) {
                (backbone, head) = withRandomSeed(seed) {
                    (Sequential(ConvLayer(3, 8, stride: 2), BatchNorm2d(8), AdaptivePool()), Linear(8, classes))
                }
            }
            override func forward(_ x: Tensor) -> Tensor { head(backbone(x)) }
        }
        let trained = Classifier(classes: 10, seed: 1), model = Classifier(classes: 4, seed: 2)
        try model.backbone.load(trained.stateDict().removingPrefix("backbone."), strict: false)
        #expect(model.backbone.stateDict() == trained.backbone.stateDict())

        model.requiresGrad(false)
        model.head.requiresGrad(true)
        final class Evaluated: Callback {
            let part: Module
            init(_ part: Module) { self.part = part }
            override func beforeEpoch(_ learner: Learner) { part.eval() }
        }
        let learner = Learner(
            model, DataLoaders(train: DataLoader(TexturedShapes(count: 40, size: 12), batchSize: 8)), loss: CrossEntropyLoss(), learningRate: 0.1,
            callbacks: [Evaluated(model.backbone)], optimizer: .adamW(weightDecay: 0.5))
        let before = model.head.stateDict()
        try learner.fit(epochs: 2)

        #expect(learner.stepCount == 10 && learner.parameterCounts == (8 * 27 + 8 + 16 + 36, 36))
        #expect(model.backbone.stateDict() == trained.backbone.stateDict() && model.head.stateDict() != before)
        #expect(model.backbone.parameters().allSatisfy { $0.grad == nil })
    }

    @Test("predictions become CSV and JSON as they are asked for") func submission() throws {
        var submission = Submission(
            ids: ["a,1", "b\"2", "007"], predictions: Tensor([[0.1, 0.9], [2, 1], [0, 5]]), names: Vocabulary(["cat", "dög"]))
        #expect(submission.csv == "id,label\n\"a,1\",dög\n\"b\"\"2\",cat\n007,dög\n")
        submission = Submission(columns: ["id", "p"])
        submission.append(["007", "0.25"])
        submission.append(["8", "-1e-3"])

        #expect(submission.json == "[\n  {\"id\": \"007\", \"p\": 0.25},\n  {\"id\": 8, \"p\": -1e-3}\n]\n")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(submission.json.utf8)) as? [[String: Any]])
        #expect(rows.count == 2 && rows[1]["p"] as? Double == -0.001)
        try withTemporaryFolder { folder in
            try submission.write(to: folder + "/s.csv")
            try submission.write(to: folder + "/s.json")
            #expect(try String(contentsOfFile: folder + "/s.csv", encoding: .utf8) == submission.csv)
            #expect(try String(contentsOfFile: folder + "/s.json", encoding: .utf8) == submission.json)
        }
    }
}
