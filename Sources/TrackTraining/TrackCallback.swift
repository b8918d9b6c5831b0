import Foundation
import Layers
import Tensors
public import Track
import TrackModel
public import Training

/// Logs a fit: `loss`, `grad_norm`, `learning_rate` and `epoch` at each optimizer step, means of each epoch, histograms of weights and gradients.
///
/// ```swift
/// try await track.start(project: "digits")
/// let learner = Learner(model, loaders, loss: …, learningRate: 0.1, callbacks: [TrackResults(), TrackCallback()])
/// try learner.fit(epochs: 20)
/// await track.finish()
/// ```
/// Rows stand at the learner's `stepCount`. Epoch means are named `train/…` and `val/…` after the metrics in `learner.metrics`; histograms
/// `weights/…` and `gradients/…` after the parameters. What was chosen (optimizer, rate, batch size, epochs, sizes) goes into the config
/// under `training`. A fit that ends early leaves an event with the reason.
///
/// During a fit the run's page offers to stop it, and, if the learner has ``Checkpointing``, to save a checkpoint. A stop ends the fit before the next batch:
/// `afterFit` runs, `fit` returns, and what stands behind it, such as `finish`, goes on. Numbers that are ``Adjustable``, such as the learning rate, can be changed
/// there within their bounds.
///
/// Stand it last in the list of callbacks, so that it sees what the others did.
public final class TrackCallback: Callback {
    /// How often distributions of all parameters and their gradients are logged.
    public enum Histograms: Sendable, Equatable {
        /// At each epoch's last step.
        case eachEpoch
        /// At each step that `steps` divides.
        case every(steps: Int)
        case never
    }

    private let run: Run?
    private let histograms: Histograms
    private let requests = Requests()
    private let adjustable: [Adjustable]
    /// Those of this fit, with what the run knows of their values.
    private var declared: [(adjustable: Adjustable, value: Double)] = []

    /// - Parameters:
    ///   - run: Where to log; `nil` means the run that was started last. Without any run nothing is logged.
    ///   - histograms: How often; each costs a pass over the parameters.
    ///   - adjustable: What can be changed from the run's page during a fit: `[.learningRate(in: 1e-6...0.1)]`.
    public init(to run: Run? = track.run, histograms: Histograms = .eachEpoch, adjustable: [Adjustable] = []) {
        (self.run, self.histograms, self.adjustable) = (run, histograms, adjustable)
    }

    public override func beforeFit(_ learner: Learner) {
        guard let run else { return }
        run.config.update(["training": Self.choices(of: learner)])
        run.define("val/loss", goal: .minimize, summary: .min)
        run.define("val/accuracy", goal: .maximize, summary: .max)
        requests.open(for: run, saving: learner.callbacks.contains { $0 is Checkpointing })
        declared = []
        for each in adjustable {
            if let objection = each.objection(in: learner) {
                run.log(line: "\(each.name) cannot be changed from the run's page: \(objection).", stream: "track")
            } else {
                declared.append((each, each.value(of: learner)))
                requests.declare(each.declared(of: learner), for: run)
            }
        }
    }

    public override func beforeBatch(_ learner: Learner) throws {
        if requests.isStopWaiting { throw Cancel.fit(reason: Self.stopReason) }
    }

    /// When every other callback is done with the batch.
    public override func cleanupBatch(_ learner: Learner) {
        requests.save(learner)
        adjust(learner)
    }

    /// Makes the changes that were asked for, and tells the run what has changed by itself.
    private func adjust(_ learner: Learner) {
        for command in requests.takeChanges() { declared.first { $0.adjustable.name == command.name }?.adjustable.change(command, learner) }
        for place in declared.indices {
            let each = declared[place].adjustable, value = each.value(of: learner)
            if value == declared[place].value || value.isNaN { continue }
            declared[place].value = value
            run?.redeclare(each.name, value: value)
        }
    }

    public override func cleanupFit(_ learner: Learner) {
        guard let run else { return }
        for each in declared { run.undeclare(each.adjustable.name) }
        requests.close(for: run, at: learner.stepCount)
    }

    /// Why a fit ended that somebody stopped.
    static let stopReason = "Somebody asked for a stop."

    public override func beforeStep(_ learner: Learner) {
        guard let run, wantsHistograms(learner) else { return }
        for named in learner.namedParameters {
            guard let gradient = named.parameter.grad else { continue }
            Self.log(gradient, as: "gradients/\(named.name)", at: learner.stepCount + 1, to: run)
        }
    }

    public override func afterBatch(_ learner: Learner) {
        guard let run, learner.phase == .train, learner.stepped else { return }
        run.log([
            "loss": learner.lossValue, "grad_norm": learner.gradientNorm,
            "learning_rate": learner.optimizer.learningRate, "epoch": learner.fractionalEpoch,
        ], step: learner.stepCount)
        guard wantsHistograms(learner, afterStep: true) else { return }
        for named in learner.namedParameters { Self.log(named.parameter, as: "weights/\(named.name)", at: learner.stepCount, to: run) }
    }

    public override func afterEpoch(_ learner: Learner) {
        guard let run, !learner.metrics.isEmpty else { return }
        let prefix = learner.phase == .train ? "train/" : "val/"
        run.log(Dictionary(uniqueKeysWithValues: learner.metrics.map { (prefix + $0.key, $0.value) }), step: learner.stepCount)
    }

    public override func afterFit(_ learner: Learner) {
        guard let run, !learner.stopReason.isEmpty, learner.stopReason != Self.stopReason else { return }     // a stop leaves an event of its own
        run.event("stop", title: "The fit ended early", text: learner.stopReason, step: learner.stepCount)
    }

    /// Before a step its number is one more than what is counted.
    private func wantsHistograms(_ learner: Learner, afterStep: Bool = false) -> Bool {
        switch histograms {
        case .never: false
        case .eachEpoch: learner.batchIndex == learner.batchCount - 1
        case .every(let steps): (learner.stepCount + (afterStep ? 0 : 1)).isMultiple(of: max(steps, 1))
        }
    }

    static func log(_ tensor: Tensor, as name: String, at step: Int, to run: Run) {
        let counted = tensor.histogram(), now = Int64(Date().timeIntervalSince1970 * 1e6)
        run.log(HistogramRecord(
            name: name, step: Int64(step), time: now, edges: counted.edges, counts: counted.counts, min: counted.min, max: counted.max,
            sum: counted.sum, count: UInt64(counted.count), nan: UInt64(counted.nanCount)))
    }

    private static func choices(of learner: Learner) -> JSONValue {
        let counts = learner.parameterCounts
        return [
            "optimizer": .string(learner.optimizerChoice.name),
            "learningRate": .number(learner.learningRate),
            "epochs": .integer(Int64(learner.epochs)),
            "batchSize": .integer(Int64(learner.loaders.train.batchSize)),
            "trainSamples": .integer(Int64(learner.loaders.train.sampleCount)),
            "validSamples": .integer(Int64(learner.loaders.valid?.sampleCount ?? 0)),
            "parameters": .integer(Int64(counts.total)),
            "trainedParameters": .integer(Int64(counts.trained)),
        ]
    }
}
