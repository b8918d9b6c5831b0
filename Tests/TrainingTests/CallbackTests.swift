import Layers
import Tensors
import Testing
@testable import Training

@Suite("Callbacks") struct CallbackTests {
    private func learner(
        _ callbacks: [Callback], batch: Int = 8, count: Int = 24, rate: Double = 0.1, model: Module = makeClassifier(), optimizer: OptimizerChoice = .sgd
    ) -> Learner {
        Learner(
            model, DataLoaders(train: DataLoader(Parabola(count: count), batchSize: batch), valid: DataLoader(Parabola(count: 16), batchSize: 16)),
            loss: CrossEntropyLoss(), learningRate: rate, callbacks: callbacks, optimizer: optimizer)
    }

    @Test("k accumulated batches are one batch k times as large", arguments: [.sgd, .sgd(momentum: 0.9), OptimizerChoice.adam()])
    func accumulation(optimizer: OptimizerChoice) throws {
        let parts = learner([GradientAccumulation(batches: 3)], batch: 8, optimizer: optimizer), whole = learner([], batch: 24, optimizer: optimizer)
        try parts.fit(epochs: 4)
        try whole.fit(epochs: 4)

        #expect(parts.stepCount == 4 && whole.stepCount == 4)
        #expect(zip(weights(parts), weights(whole)).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("what is left at an epoch's end is stepped, as a batch of its own size") func remainder() throws {
        let parts = learner([GradientAccumulation(batches: 2)], batch: 8, count: 24), twoThenOne = learner([], batch: 16, count: 24)
        try parts.fit(epochs: 3)
        try twoThenOne.fit(epochs: 3)

        #expect(parts.stepCount == 6)
        #expect(zip(weights(parts), weights(twoThenOne)).allSatisfy { abs($0 - $1) < 1e-6 } && parts.gradientScale == 1)
    }

    @Test("only batches that stepped say so") func stepped() throws {
        let record = Recorder { $0 == "afterBatch" && $1.phase == .train ? "\($1.stepped)" : nil }
        try learner([GradientAccumulation(batches: 2), record]).fit(epochs: 1)

        #expect(record.events == ["false", "true", "true"])
    }

    @Test("clipping limits the norm or each number, and leaves short gradients alone") func clipping() throws {
        let given: [[Float]] = [[3, -0.2], [4]]
        func clipped(_ clipping: GradientClipping) throws -> [[Float]] {
            let probe = GradientProbe(gradients: given)
            try probe.learner(callbacks: [clipping, probe]).fit(epochs: 1)
            return probe.seen
        }

        let byNorm = try clipped(GradientClipping(norm: 1)).flatMap { $0 }
        #expect(abs(byNorm.map { $0 * $0 }.reduce(0, +) - 1) < 1e-5)
        #expect(try clipped(GradientClipping(norm: 100)) == given)
        #expect(try clipped(GradientClipping(value: 1)) == [[1, -0.2], [1]])
    }

    @Test("a loss that is not finite ends the fit before it reaches the parameters", arguments: [Float.infinity, .nan]) func notFinite(factor: Float) throws {
        let model = makeClassifier()
        let learner = Learner(
            model, DataLoaders(train: DataLoader(Parabola(count: 24), batchSize: 8)),
            loss: { $0.crossEntropy($1) * (model.isTraining ? factor : 1) }, learningRate: 0.1, callbacks: [NaNStop()])
        let before = model.stateDict()
        try learner.fit(epochs: 2)

        #expect(learner.stopReason == "the loss is \(factor) at step 1, learning rate 0.1. Lower the learning rate, clip gradients, or look at this "
            + "batch's data; the parameters are still those of the step before.")
        #expect(model.stateDict() == before)
    }

    /// Sets the metric of each epoch as told.
    private final class Script: Callback {
        let values: [Double]
        init(_ values: [Double]) { self.values = values }
        override func afterEpoch(_ learner: Learner) { learner.metrics["score"] = values[learner.epoch] }
    }

    @Test("stops after `patience` epochs without improvement, with the best model back", arguments: [
        (PlateauDecay.Goal.minimize, [5, 4, 4.5, 3, 3.5, 3.2, 3.1, 1], 0.0, 6, 3), (.maximize, [1, 2, 3, 2, 2, 2, 9], 0, 5, 2),
        (.minimize, [5, 4.95, 4.9, 4.85, 4.8], 0.2, 3, 0), (.minimize, [3, .nan, .nan, .nan, 1], 0, 3, 0),
    ])
    func stopping(goal: PlateauDecay.Goal, values: [Double], minimum: Double, last: Int, best: Int) throws {
        let stopping = EarlyStopping("score", goal: goal, patience: 3, minimumChange: minimum)
        var states: [StateDict] = []
        let learner = learner([Script(values), Recorder { name, l in
            if name == "afterEpoch", l.phase == .valid { states.append(l.model.stateDict()) }
            return nil
        }, stopping])
        try learner.fit(epochs: values.count)

        #expect(learner.epoch == last && stopping.bestEpoch == best && stopping.best == values[best])
        #expect(learner.stopReason == "score no better than \(values[best]) for 3 epochs")
        #expect(learner.model.stateDict() == states[best] && states[best] != states[last])
    }

    @Test("watching a metric that nobody computes is an error, not silence") func unknown() {
        #expect(throws: LearnerError.unknownMetric("accuracy", askedBy: "EarlyStopping", known: ["loss"])) {
            try learner([EarlyStopping("accuracy")]).fit(epochs: 1)
        }
    }

    @Test("normalises every batch by the first one's statistics, in inference too") func normalize() throws {
        let normalize = Normalize()
        let seen = Recorder { $0 == "afterLoss" ? "\($1.batch.x.mean([0]).scalars)" : nil }
        let learner = learner([normalize, seen], batch: 24)
        try learner.fit(epochs: 1)
        let raw = try learner.loaders.train.firstBatch()
        let statistics = try #require(normalize.statistics)

        #expect(statistics == (try ChannelStatistics(of: raw.inputs)))
        let inferred = try learner.predictions(for: learner.loaders.train)
        learner.model.eval()
        let direct = noGrad { learner.model(Batch(try! statistics.normalize(raw)).x) }
        #expect(zip(inferred.scalars, direct.scalars).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("a transform of the program's own changes every batch, in training, validation and inference") func setup() throws {
        var kinds: [String] = []
        final class Shifting: SetupLearner {}
        let shift = Shifting { Batch(x: $0.x + 10, y: $0.y) }
        let seen = Recorder { name, l in
            if name == "afterLoss" { kinds.append("\(l.phase) \(l.batch.x.min().item > 7)") }
            return nil
        }
        let learner = learner([shift, seen], batch: 24)
        try learner.fit(epochs: 1)
        let inferred = try learner.predictions(for: learner.loaders.valid!)

        #expect(kinds == ["train true", "valid true"])
        let raw = Batch(try learner.loaders.valid!.firstBatch()).x
        #expect(inferred.scalars == noGrad { learner.model.eval()(raw + 10) }.scalars)
    }

    @Test("inputs can be permuted batch by batch on their way to the model") func permute() throws {
        let pictures = ArrayDataset((0..<4).map { _ in Sample(RawArray(Array(repeating: 0.5, count: 8 * 8 * 3), shape: [8, 8, 3]), label: 0) })
        let learner = Learner(
            makePictureModel(), DataLoaders(train: DataLoader(pictures, batchSize: 4)), loss: CrossEntropyLoss(), learningRate: 0.1,
            callbacks: [Permute([0, 3, 1, 2])])
        try learner.fit(epochs: 1)

        #expect(learner.batch.x.shape == [4, 3, 8, 8])
    }

    #if os(Linux) || os(macOS)
    @Test("without it, the message names both shapes, both channel counts and the way out") func forgotten() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Tensor.zeros([128, 64, 64, 3])
            _ = ConvLayer(3, 16)(x)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        for part in ["[16, 3, 3, 3]", "[128, 64, 64, 3]", "3 channels", "64 channels", "permute"] {
            #expect(message.contains(part), "\(part) is missing in: \(message.prefix(400))")
        }
    }
    #endif

    @Test("activations are measured while a fit runs, and not after") func activations() throws {
        let statistics = ActivationStatistics(every: 2, layers: { $1 is Linear })
        let learner = learner([statistics])
        try learner.fit(epochs: 2)

        #expect(statistics.readings.map(\.step) == [0, 0, 2, 2, 4, 4] && Set(statistics.readings.map(\.layer)) == ["0", "3"])
        #expect(statistics.readings.allSatisfy { $0.deviation > 0 })
        let count = statistics.readings.count
        _ = learner.model(Tensor([[1, 2]]))
        #expect(statistics.readings.count == count)
    }

    @Test("mean and deviation are those of the layer's output") func activationValues() throws {
        let statistics = ActivationStatistics(layers: { path, _ in path == "0" })
        let learner = learner([statistics], batch: 24, rate: 0)
        try learner.fit(epochs: 1)

        let output = noGrad { (learner.model as! Sequential)[0](Batch(try! learner.loaders.train.firstBatch()).x) }
        #expect(abs(statistics.readings[0].mean - Double(output.mean().item)) < 1e-6)
        #expect(abs(statistics.readings[0].deviation - Double(output.std().item)) < 1e-6)
    }

    @Test("progress is one plain line an epoch where nobody watches") func plainProgress() throws {
        var text = ""
        try learner([TrackResults(), ProgressBar(isTerminal: false) { text += $0 }]).fit(epochs: 2)

        let lines = text.split(separator: "\n")
        #expect(lines.count == 2 && !text.contains("\r"))
        #expect(lines[0].wholeMatch(of: /epoch 1\/2  loss \d\.\d{4}  valid loss \d\.\d{4}  accuracy \d+\.\d\d %  \d+ s left/) != nil, "\(lines[0])")
    }

    @Test("on a terminal a bar is drawn over, and a stopped fit says why") func terminalProgress() throws {
        var text = ""
        let recorder = Recorder()
        let learner = learner([TrackResults(), ProgressBar(isTerminal: true) { text += $0 }, recorder])
        recorder.failing = ["betweenEpochs": Cancel.fit(reason: "enough")]
        try learner.fit(epochs: 2)

        #expect(text.contains("\r\u{1B}[2Kepoch 1/2  ████████░░░░░░░░░░░░░░░░  1/3  loss "))
        #expect(text.hasSuffix("stopped: enough\n"))
    }

    @Test("numbers are rounded as printf does", arguments: [(0.5, 2, "0.50"), (-1.005, 1, "-1.0"), (123.456, 0, "123"), (0.0004, 3, "0.000"), (-0.0004, 3, "0.000"), (9.996, 2, "10.00")])
    func rounded(value: Double, places: Int, text: String) { #expect(value.rounded(to: places) == text) }

    private func weights(_ learner: Learner) -> [Float] { learner.model.parameters().flatMap(\.scalars) }
}
