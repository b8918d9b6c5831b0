import Layers
import Tensors
import Testing
@testable import Training
@testable import TrainingExamples

@Suite("Learner") struct LearnerTests {
    private func learner(_ callbacks: [Callback], batches: Int = 2, valid: Bool = true) -> Learner {
        Learner(
            makeClassifier(),
            DataLoaders(
                train: DataLoader(Parabola(count: batches * 8), batchSize: 8, shuffled: true),
                valid: valid ? DataLoader(Parabola(count: 8), batchSize: 8) : nil),
            loss: CrossEntropyLoss(), learningRate: 0.1, callbacks: callbacks)
    }

    private static let trainBatch = ["beforeBatch", "afterLoss", "afterBackward", "beforeStep", "afterBatch", "cleanupBatch"]
    private static let validBatch = ["beforeBatch", "afterLoss", "afterBatch", "cleanupBatch"]

    @Test("hooks run in this order, epoch hooks for training and again for validation") func order() throws {
        let recorder = Recorder()
        try learner([recorder]).fit(epochs: 1)

        #expect(recorder.events == ["beforeFit", "beforeEpoch"] + Self.trainBatch + Self.trainBatch + ["afterEpoch", "cleanupEpoch", "beforeEpoch"]
            + Self.validBatch + ["afterEpoch", "cleanupEpoch", "betweenEpochs", "afterFit", "cleanupFit"])
    }

    @Test("callbacks run in the order of the list") func list() throws {
        var seen: [String] = []
        let first = Recorder { name, _ in seen.append("1\(name)"); return nil }, second = Recorder { name, _ in seen.append("2\(name)"); return nil }
        try learner([first, second]).fit(epochs: 1)

        #expect(Array(seen.prefix(4)) == ["1beforeFit", "2beforeFit", "1beforeEpoch", "2beforeEpoch"])
    }

    @Test("a cancel leaves one level, whose cleanup still runs", arguments: [
        (Cancel.step, "beforeStep", 9), (.batch, "afterLoss", 5), (.epoch, "beforeBatch", 3), (.fit(reason: "enough"), "afterBackward", 4),
    ])
    func cancels(cancel: Cancel, at hook: String, eventsOfTraining: Int) throws {
        let recorder = Recorder()
        recorder.failing = [hook: cancel]
        let learner = learner([recorder], valid: false)
        let before = learner.model.stateDict()

        try learner.fit(epochs: 1)

        let kept = recorder.events.drop { $0 != "beforeBatch" }.prefix { $0 != "afterEpoch" && $0 != "cleanupEpoch" }
        let expected: [String] = switch cancel {
        case .step: Self.trainBatch + Self.trainBatch
        case .batch: ["beforeBatch", "afterLoss", "cleanupBatch", "beforeBatch", "afterLoss", "cleanupBatch"]
        case .epoch: ["beforeBatch", "cleanupBatch"]
        case .fit: ["beforeBatch", "afterLoss", "afterBackward", "cleanupBatch"]
        }
        #expect(Array(kept) == expected)
        #expect(recorder.events.suffix(2) == ["afterFit", "cleanupFit"] && recorder.events.contains("cleanupEpoch"))
        #expect(learner.stopReason == (cancel == .fit(reason: "enough") ? "enough" : ""))
        #expect(learner.model.stateDict() == before && learner.stepCount == 0)
    }

    @Test("another error comes out of fit, after afterFit and the cleanups") func errors() throws {
        struct Broken: Error {}
        let recorder = Recorder()
        recorder.failing = ["afterLoss": Broken()]

        #expect(throws: Broken.self) { try self.learner([recorder]).fit(epochs: 3) }
        #expect(recorder.events.suffix(4) == ["cleanupBatch", "cleanupEpoch", "afterFit", "cleanupFit"])
    }

    @Test("after a cancel or an error the same learner fits again as a new one would", arguments: [
        "beforeFit", "beforeEpoch", "beforeBatch", "afterLoss", "afterBackward", "beforeStep",
    ])
    func again(hook: String) throws {
        struct Broken: Error {}
        func fitted(after interruption: (any Error)?) throws -> ([String], StateDict) {
            let recorder = Recorder { name, learner in "\(name) \(learner.phase) \(learner.lossValue)" }
            let learner = Learner(
                makeClassifier(dropout: 0.2), DataLoaders(train: DataLoader(Parabola(count: 16), batchSize: 8), valid: DataLoader(Parabola(count: 8), batchSize: 8)),
                loss: CrossEntropyLoss(), learningRate: 0.1, callbacks: [recorder], optimizer: .adam())
            let streams = learner.model.randomStreams
            if let interruption {
                recorder.failing = [hook: interruption]
                do { try learner.fit(epochs: 1) } catch is Broken {}
                recorder.failing = [:]
                #expect(learner.stepCount == 0)
                learner.model.randomStreams = streams      // what dropout drew stays drawn, as it should
            }
            let before = recorder.events.count
            try learner.fit(epochs: 2)
            #expect(learner.stopReason.isEmpty && learner.model.isTraining)
            return (recorder.events.dropFirst(before).filter { $0.hasPrefix("afterBatch") }, learner.model.stateDict())
        }

        let fresh = try fitted(after: nil)
        for interruption in [Cancel.fit(reason: "enough"), Broken()] as [any Error] {
            let again = try fitted(after: interruption)
            #expect(again.0 == fresh.0 && again.1 == fresh.1, "\(interruption) in \(hook)")
        }
    }

    @Test("validation changes no parameter and records no graph") func validation() throws {
        var before: StateDict?, node = true
        let recorder = Recorder { name, learner in
            if name == "beforeEpoch", learner.phase == .valid { before = learner.model.stateDict() }
            if name == "afterLoss", learner.phase == .valid { node = learner.loss.requiresGrad || learner.model.isTraining }
            return nil
        }
        let learner = learner([recorder])
        try learner.fit(epochs: 1)

        #expect(before == learner.model.stateDict() && !node)
    }

    @Test("a part that was put into evaluation stays so through training and validation, the rest changes") func modes() throws {
        var seen: [String] = []
        let recorder = Recorder { name, learner in
            let model = learner.model as! Sequential
            if name == "afterLoss" { seen.append("\(learner.phase) \(model.isTraining) \(model[0].isTraining)") }
            return nil
        }
        let learner = learner([recorder], batches: 1)
        (learner.model as! Sequential)[0].eval()
        try learner.fit(epochs: 2)

        #expect(seen == ["train true false", "valid false false", "train true false", "valid false false"])
        #expect(learner.model.isTraining && !(learner.model as! Sequential)[0].isTraining)
        learner.model.eval()
        try learner.fit(epochs: 1)
        #expect(seen[4] == "train true true", "a whole model in evaluation is put into training")
    }

    @Test("epoch, batch and step tell where the training is") func progress() throws {
        let recorder = Recorder { name, l in
            name == "afterBatch" ? "\(l.phase) \(l.fractionalEpoch) \(l.stepCount) \(l.batchIndex + 1)/\(l.batchCount)" : nil
        }
        try learner([recorder]).fit(epochs: 2)

        #expect(recorder.events == ["train 0.0 1 1/2", "train 0.5 2 2/2", "valid 0.0 2 1/1", "train 1.0 3 1/2", "train 1.5 4 2/2", "valid 1.0 4 1/1"])
    }

    @Test("the gradient norm is that of all gradients together") func norm() throws {
        var expected: [Double] = []
        let recorder = Recorder { name, learner in
            guard name == "beforeStep" else { return nil }
            let squares = learner.namedParameters.flatMap { $0.parameter.grad!.scalars }.map { Double($0) * Double($0) }
            expected.append(squares.reduce(0, +).squareRoot())
            return "\(learner.gradientNorm)"
        }
        try learner([recorder]).fit(epochs: 1)

        #expect(worstError(recorder.events.map { Double($0)! }, expected) < 1e-6 && expected.count == 2)
    }

    @Test("mean loss and accuracy are those of the whole set, though the last batch is short") func results() throws {
        let learner = Learner(
            makeClassifier(), DataLoaders(train: DataLoader(Parabola(count: 50), batchSize: 16)), loss: CrossEntropyLoss(), learningRate: 0,
            callbacks: [TrackResults()])
        try learner.fit(epochs: 1)

        let all = Batch(try DataLoader(Parabola(count: 50), batchSize: 50).firstBatch())
        let logits = noGrad { learner.model(all.x) }
        #expect(abs(learner.metrics["loss"]! - Double(logits.crossEntropy(all.y).item)) < 1e-6)
        #expect(learner.metrics["accuracy"]! == Double(zip(logits.argmax().labels, all.y.labels).count { $0 == $1 }) / 50)
    }

    @Test("results are written as epoch, training, loss, accuracy") func lines() throws {
        var lines: [String] = []
        let learner = learner([TrackResults { lines.append($0) }])
        try learner.fit(epochs: 1)

        #expect(lines.count == 2 && lines[0].hasPrefix("0, true, ") && lines[1].hasPrefix("0, false, "))
        #expect(lines[1] == "0, false, \(learner.metrics["loss"]!), \(learner.metrics["accuracy"]!)")
    }

    @Test("the steps of a batch can be overridden") func overridden() throws {
        final class Doubled: Learner {
            var steps = 0
            override func predict(_ x: Tensor) -> Tensor { super.predict(x * 2) }
            override func loss(_ predictions: Tensor, _ targets: Tensor) -> Tensor { super.loss(predictions, targets) * 0 + 7 }
            override func backward(_ loss: Tensor) { super.backward(loss) }
            override func step() { steps += 1 }
        }
        let model = makeClassifier(), before = model.stateDict()
        let learner = Doubled(model, DataLoaders(train: DataLoader(Parabola(count: 16), batchSize: 8)), loss: CrossEntropyLoss(), learningRate: 1)
        try learner.fit(epochs: 1)

        #expect(learner.steps == 2 && learner.lossValue == 7 && model.stateDict() == before)
    }

    @Test("inference runs in evaluation mode, without gradients, the same twice") func inference() throws {
        let learner = Learner(
            makeClassifier(dropout: 0.5),
            DataLoaders(train: DataLoader(Parabola(count: 16), batchSize: 8), valid: DataLoader(Parabola(count: 20), batchSize: 8)),
            loss: CrossEntropyLoss(), learningRate: 0.1, callbacks: [TrackResults(), EarlyStopping()])
        learner.model.train()

        let first = try learner.validate(), second = try learner.validate()
        let predictions = try learner.predictions(for: learner.loaders.valid!)

        #expect(first == second && first["accuracy"] != nil)
        #expect(predictions.shape == [20, 2] && !predictions.requiresGrad && learner.model.isTraining)
        #expect(learner.callbacks.count == 2)
    }

    @Test("a parameter that the loss uses but the model does not list is an error that shows it") func unlisted() throws {
        final class Hiding: Module {
            let weight = Parameter(.ones([2, 2]))
            let hidden: () -> Parameter
            override init() {
                let secret = Parameter(.ones([2]))
                hidden = { secret }
            }
            override func forward(_ x: Tensor) -> Tensor { x.matmul(weight) + hidden() }
        }
        let learner = Learner(Hiding(), DataLoaders(train: DataLoader(Parabola(count: 8), batchSize: 8)), loss: CrossEntropyLoss(), learningRate: 0.1)

        let error = #expect(throws: LearnerError.self) { try learner.fit(epochs: 1) }
        #expect(error.map { "\($0)" } == "The loss depends on 1 parameter that Hiding does not list, of shape [2]. Store each in a property of a module, so that the optimizer finds it.")
    }

    @Test("a model with everything frozen has nothing to train") func frozen() {
        let learner = learner([])
        learner.model.requiresGrad(false)

        #expect(throws: LearnerError.nothingToTrain(model: "Sequential")) { try learner.fit(epochs: 1) }
    }

    @Test("1, 2 and 4 threads give the same run, bit by bit") func threads() throws {
        func run(_ threads: Int) throws -> (StateDict, [String]) {
            Compute.threads = threads
            let recorder = Recorder { $0 == "afterBatch" ? "\($1.lossValue) \($1.gradientNorm)" : nil }
            let learner = Learner(
                makePictureModel(), DataLoaders(train: DataLoader(TexturedShapes(count: 48, size: 16), batchSize: 16, shuffled: true, seed: 2, workers: threads)),
                loss: CrossEntropyLoss(), learningRate: 0.1, callbacks: [recorder], optimizer: .adamW())
            try learner.fit(epochs: 2)
            return (learner.model.stateDict(), recorder.events)
        }
        let threads = Compute.threads
        defer { Compute.threads = threads }

        let one = try run(1), two = try run(2), four = try run(4)
        #expect(one == two && two == four && one.1.count == 6)
    }
}
