/// Sets the learning rate by a ``Schedule`` before each batch or epoch of training.
public class Scheduler: Callback {
    /// What one step of the schedule is.
    public enum Interval: Sendable { case batch, epoch }

    /// The curve.
    public let schedule: any Schedule
    /// What it counts.
    public let interval: Interval
    /// The rates that were used, one a batch.
    public private(set) var rates: [Double] = []

    /// - Parameter interval: What the schedule counts.
    public init(_ schedule: any Schedule, every interval: Interval) { (self.schedule, self.interval) = (schedule, interval) }

    public override func beforeFit(_ learner: Learner) throws { rates = [] }

    public override func beforeBatch(_ learner: Learner) throws {
        guard learner.phase == .train else { return }
        let (step, steps) = interval == .epoch
            ? (learner.epoch, learner.epochs)
            : (learner.epoch * learner.batchCount + learner.batchIndex, learner.epochs * learner.batchCount)
        learner.optimizer.learningRate = schedule.rate(at: step, of: steps, base: learner.learningRate)
        rates.append(learner.optimizer.learningRate)
    }
}

/// Warm-up, peak, long way down, over the whole fit: see ``OneCycleCurve``.
public final class OneCycle: Scheduler {
    /// - Parameter peak: The highest rate; the learner's `learningRate` by default.
    public init(peak: Double? = nil, shape: OneCycleCurve.Shape = .linear) {
        super.init(PeakSchedule(peak: peak, curve: OneCycleCurve(shape: shape)), every: .batch)
    }
}

private struct PeakSchedule: Schedule {
    let peak: Double?
    let curve: OneCycleCurve
    func rate(at step: Int, of steps: Int, base: Double) -> Double { curve.rate(at: step, of: steps, base: peak ?? base) }
}

/// Lowers the learning rate when a metric of the validation pass stops improving: see ``PlateauDecay``.
public final class ReduceOnPlateau: Callback {
    /// The name in `learner.metrics`.
    public let metric: String
    /// The rule with what it has seen so far.
    public private(set) var decay: PlateauDecay

    /// Watches a metric of the validation pass, or of training where there is none.
    public init(_ metric: String = "loss", decay: PlateauDecay = PlateauDecay()) { (self.metric, self.decay) = (metric, decay) }

    public override func afterEpoch(_ learner: Learner) throws {
        guard learner.phase == .valid || learner.loaders.valid == nil else { return }
        let value = try learner.metric(metric, askedBy: "ReduceOnPlateau")
        learner.optimizer.learningRate = decay.rate(after: value, current: learner.optimizer.learningRate)
    }

    public override var checkpointState: CallbackState {
        CallbackState(numbers: ["best": decay.best.map { [$0] } ?? [], "counts": [Double(decay.badEpochs), Double(decay.coolingEpochs)]])
    }

    public override func restore(_ state: CallbackState) throws {
        let counts = state.numbers["counts"] ?? [0, 0]
        decay.resume(best: state.numbers["best"]?.first, badEpochs: Int(counts[0]), coolingEpochs: Int(counts[1]))
    }
}
