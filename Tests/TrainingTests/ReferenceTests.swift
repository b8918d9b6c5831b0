import Foundation
import Layers
import Tensors
import Testing
@testable import Training

@Suite("Training equals PyTorch and scikit-learn", .enabled(if: Reference.isPresent, "TRACK_REFERENCE_DIR is not set: not compared"))
struct ReferenceTests {
    let reference: Reference
    init() throws { reference = try Reference.read() }

    private static let optimizers: [String: OptimizerChoice] = [
        "SGD": .sgd, "SGD weightDecay": .sgd(weightDecay: 0.01), "SGD momentum": .sgd(momentum: 0.9),
        "SGD momentum dampening weightDecay": .sgd(momentum: 0.9, dampening: 0.3, weightDecay: 0.01),
        "SGD nesterov": .sgd(momentum: 0.9, weightDecay: 0.01, nesterov: true),
        "Adam": .adam(), "Adam weightDecay": .adam(betas: (0.8, 0.95), epsilon: 1e-6, weightDecay: 0.1), "AdamW": .adamW(),
    ]

    @Test("optimizers take the same 20 steps, the plain rule with weight decay 100", arguments: optimizers.keys.sorted()) func steps(name: String) throws {
        let expected = try #require(reference.optimizers.first { $0.name == name })
        let parameters = zip(expected.start, expected.shapes).enumerated().map { index, pair in
            NamedParameter(name: "p\(index)", parameter: Parameter(Tensor(pair.0, shape: Shape(pair.1))))
        }
        let optimizer = Self.optimizers[name]!.make(parameters, name.hasPrefix("SGD") ? 0.1 : 0.01)

        var worst = 0.0
        for (gradients, after) in zip(expected.gradients, expected.after) {
            for (index, gradient) in gradients.enumerated() {
                parameters[index].parameter.grad = gradient.map { Tensor($0, shape: Shape(expected.shapes[index])) }
            }
            optimizer.step()
            for (named, values) in zip(parameters, after) { worst = max(worst, worstError(named.parameter.scalars, values, floor: 1)) }
        }

        let isPlain = name == "SGD weightDecay"
        #expect(expected.after.count == (isPlain ? 100 : 20))
        #expect(worst < (isPlain ? 1e-6 : 2e-6), "worst relative error \(worst)")
    }

    private static let schedules: [String: (schedule: any Schedule, steps: Int)] = [
        "StepLR": (StepDecay(every: 2), 20), "CosineAnnealingLR": (CosineAnnealing(period: 10), 21),
        "CosineAnnealingLR minimum": (CosineAnnealing(period: 10, minimum: 0.01), 21), "OneCycle": (OneCycleCurve(), 592),
        "Warmup": (Warmup(steps: 5, then: StepDecay(every: 2)), 20),
        "OneCycleLR": (OneCycleLR(), 60), "OneCycleLR linear": (OneCycleLR(shape: .linear), 60),
    ]

    @Test("schedules draw the same curves", arguments: schedules.keys.sorted()) func schedule(name: String) throws {
        let expected = try #require(reference.schedules[name])
        let (schedule, steps) = Self.schedules[name]!

        let rates = expected.indices.map { schedule.rate(at: $0, of: steps, base: 0.1) }

        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) <= 1e-7 * max(abs($1), 1e-9) + 1e-15 }, "\(rates) against \(expected)")
    }

    @Test("the plateau rule lowers the rate at the same epochs") func plateaus() throws {
        #expect(reference.plateaus.count == 30)
        for expected in reference.plateaus {
            var decay = PlateauDecay()
            for (key, value) in expected.settings {
                switch key {
                case "patience": decay.patience = Int(value)!
                case "mode": decay.goal = value == "max" ? .maximize : .minimize
                case "factor": decay.factor = Double(value)!
                case "cooldown": decay.cooldown = Int(value)!
                case "min_lr": decay.minimumRate = Double(value)!
                case "threshold": decay.threshold = Double(value)!
                default: decay.thresholdKind = value == "abs" ? .absolute : .relative
                }
            }
            var rate = 0.1
            let rates = expected.metrics.map { metric in
                rate = decay.rate(after: Double(metric)!, current: rate)
                return rate
            }
            #expect(worstError(rates, expected.rates) < 1e-12, "\(expected.name): \(rates) against \(expected.rates)")
        }
    }

    @Test("accuracy, precision, recall and F1, in every averaging") func classification() throws {
        for expected in reference.classification {
            var confusion = Confusion(classes: expected.classes)
            confusion.add(predicted: expected.predicted, actual: expected.actual)

            #expect(abs(confusion.accuracy - expected.accuracy) < 1e-12)
            for (name, values) in expected.scores {
                let average: Average = switch name {
                case "macro": .macro
                case "micro": .micro
                case "weighted": .weighted
                default: .binary(positive: 1)
                }
                let found = [confusion.precision(average), confusion.recall(average), confusion.f1(average)]
                #expect(worstError(found, values) < 1e-9, "\(expected.name), \(name): \(found) against \(values)")
            }
        }
    }

    @Test("ROC curve, the area under it and average precision, with ties") func curves() throws {
        for expected in reference.curves {
            var roc = ROC()
            roc.add(scores: expected.scores, positives: expected.truth)

            #expect(abs(roc.areaUnderCurve - expected.auc) < 1e-9 && abs(roc.averagePrecision - expected.ap) < 1e-9, "\(expected.name)")
            #expect(worstError(roc.curve.map(\.falsePositiveRate), expected.fpr) < 1e-9)
            #expect(worstError(roc.curve.map(\.truePositiveRate), expected.tpr) < 1e-9)
        }
    }

    @Test("MAE, MSE and R²") func regression() throws {
        var errors = RegressionErrors()
        errors.add(predicted: reference.regression.predicted, actual: reference.regression.actual)

        let found = [errors.meanAbsoluteError, errors.meanSquaredError, errors.determination]
        #expect(worstError(found, [reference.regression.mae, reference.regression.mse, reference.regression.r2]) < 1e-9)
    }

    @Test("NDCG and MAP") func ranking() throws {
        var all = Ranking(), five = Ranking(cutoff: 5)
        for query in reference.ranking.queries {
            all.add(scores: query.scores, relevance: query.relevance)
            five.add(scores: query.scores, relevance: query.relevance)
        }

        #expect(abs(all.normalizedDiscountedGain - reference.ranking.ndcg) < 1e-9)
        #expect(abs(five.normalizedDiscountedGain - reference.ranking.ndcg5) < 1e-9)
        #expect(abs(all.meanAveragePrecision - reference.ranking.map) < 1e-9)
    }

    @Test("a linear regression follows the same losses for 100 epochs") func linear() throws {
        let model = LinearRegression.model(weight: reference.linearRegression.start[0], bias: reference.linearRegression.start[1])
        let losses = try LinearRegression.losses(of: model, epochs: 100)

        // Losses this small are made of rounding: six digits need PyTorch's order of operations. Where its kernels have another on this
        // processor, or ours have no fused products, four are left.
        let isSameOrder = reference.linearRegression.usual && Compute.path != .vector128
        let error = worstError(losses, reference.linearRegression.losses)
        #expect(error < (isSameOrder ? 1e-6 : 2e-5), "\(error), the same order: \(isSameOrder)")
        #expect(worstError(model.parameters().map(\.item), reference.linearRegression.end) < 1e-5)
    }

    @Test("clipping by norm leaves the same gradients") func clipping() throws {
        let expected = reference.clipping
        let probe = GradientProbe(gradients: expected.before)
        try probe.learner(callbacks: [GradientClipping(norm: 2.5), probe]).fit(epochs: 1)

        #expect(worstError([probe.norm], [expected.norm]) < 1e-5)
        #expect(zip(probe.seen, expected.after).allSatisfy { worstError($0, $1) < 1e-5 })
    }

    @Test("channel statistics are those of mean and std over N, H and W") func statistics() throws {
        let expected = reference.statistics
        let found = try ChannelStatistics(of: RawArray(expected.values, shape: [6, 5, 4, 3]), channelAxis: 3)

        #expect(worstError(found.mean, expected.mean) < 1e-5 && worstError(found.deviation, expected.deviation) < 1e-5)
    }

    @Test("a file that we write is read by the safetensors package, number for number") func written() throws {
        let checkpoint = try Checkpoint(checkpointVersion2, path: "fixture")
        #expect(try checkpoint.encoded() == checkpointVersion2)

        let entries = try Safetensors(checkpointVersion2, path: "fixture").tensors.entries
        #expect(Set(entries.map(\.name)) == Set(reference.fixture.keys) && entries.count == 6)
        for entry in entries { #expect(entry.values == .floats(reference.fixture[entry.name] ?? []), "\(entry.name)") }
    }

    @Test("each optimizer, schedule and metric is compared") func coverage() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        func text(_ folder: String) throws -> String {
            let files = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).filter { $0.hasSuffix(".swift") }
            return try files.map { try String(contentsOf: root.appending(path: "\(folder)/\($0)"), encoding: .utf8) }.joined()
        }
        let optimizers = try text("Sources/Training/Optimizers").matches(of: /public final class ([A-Za-z]+): Optimizer/).map { ".\($0.output.1.lowercased())" }
        let schedules = try text("Sources/Training/Schedules").matches(of: /public struct ([A-Za-z]+)(?:<[^>]*>)?: (?:Schedule|Sendable)/).map { "\($0.output.1)(" }
        let metrics = try text("Sources/Training/Metrics").matches(of: /\npublic struct ([A-Za-z]+): Sendable/).map { "\($0.output.1)(" }
        let checks = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)

        #expect(optimizers.count == 2 && schedules.count == 6 && metrics.count == 4, "\(optimizers) \(schedules) \(metrics)")
        for name in optimizers + schedules + metrics { #expect(checks.contains(name), "\(name) is not compared") }
    }

    @Test("a state that we saved is loaded by PyTorch, strictly, and gives our outputs") func savedState() throws {
        let y = noGrad { try! ModelFileTests.makeKnownModel().eval()(Tensor(reference.savedModel.x, shape: [2, 2, 5, 4])) }

        #expect(worstError(y.scalars, reference.savedModel.y, floor: 0.1) < 1e-5)
    }

    @Test("a state that PyTorch saved gives PyTorch's outputs") func weights() throws {
        let model = withRandomSeed(0) {
            Sequential(Conv2d(3, 8, kernel: 3, stride: 2, padding: 1), BatchNorm2d(8), ReLU(), AdaptiveAvgPool2d(2), Flatten(), Linear(32, 5))
        }
        try model.load(from: Reference.folder! + "/torch.safetensors")

        let y = noGrad { model.eval()(Tensor(reference.weights.x, shape: [2, 3, 9, 9])) }
        #expect(worstError(y.scalars, reference.weights.y, floor: 0.1) < 1e-5)
    }
}
