import Layers

/// Ends the fit once a metric has not improved for `patience` epochs, and puts the best model back.
/// Source: Prechelt, *Early Stopping — But When?* (1998).
public final class EarlyStopping: Callback {
    /// The name in `learner.metrics`.
    public let metric: String
    /// Whether smaller or larger is better.
    public let goal: PlateauDecay.Goal
    /// Epochs without improvement that are still borne.
    public let patience: Int
    /// A change that is not larger counts as none.
    public let minimumChange: Double
    /// Whether the model gets its best weights back at the end.
    public let restoresBest: Bool

    /// The best value so far; infinite before the first.
    public private(set) var best: Double
    /// The epoch of the best value, from 0.
    public private(set) var bestEpoch = 0
    /// Epochs without improvement so far.
    public private(set) var epochsSinceBest = 0
    private var bestState = StateDict()

    /// Watches a metric of the validation pass, or of training where there is none.
    /// - Precondition: `patience` ≥ 1, `minimumChange` ≥ 0.
    public init(
        _ metric: String = "loss", goal: PlateauDecay.Goal = .minimize, patience: Int = 3, minimumChange: Double = 0,
        restoresBest: Bool = true
    ) {
        precondition(patience >= 1, "EarlyStopping: patience is \(patience); it must be at least 1")
        precondition(minimumChange >= 0, "EarlyStopping: minimumChange is \(minimumChange); it must be 0 or more")
        (self.metric, self.goal, self.patience, self.minimumChange) = (metric, goal, patience, minimumChange)
        self.restoresBest = restoresBest
        best = goal == .minimize ? .infinity : -.infinity
    }

    public override func beforeFit(_ learner: Learner) {
        guard learner.epoch == 0 else { return }
        (best, bestEpoch, epochsSinceBest, bestState) = (goal == .minimize ? .infinity : -.infinity, 0, 0, StateDict())
    }

    public override func afterEpoch(_ learner: Learner) throws {
        guard learner.phase == .valid || learner.loaders.valid == nil else { return }
        let value = try learner.metric(metric, askedBy: "EarlyStopping")
        let gain = goal == .minimize ? best - value : value - best
        if gain > minimumChange {
            (best, bestEpoch, epochsSinceBest) = (value, learner.epoch, 0)
            if restoresBest { bestState = learner.model.stateDict() }
        } else {
            epochsSinceBest += 1
        }
        if epochsSinceBest >= patience {
            throw Cancel.fit(reason: "\(metric) no better than \(best) for \(patience) epoch\(patience == 1 ? "" : "s")")
        }
    }

    public override func afterFit(_ learner: Learner) throws {
        if !bestState.entries.isEmpty { try learner.model.load(bestState) }
    }

    public override var checkpointState: CallbackState {
        CallbackState(numbers: ["best": [best], "epochs": [Double(bestEpoch), Double(epochsSinceBest)]], tensors: bestState)
    }

    public override func restore(_ state: CallbackState) throws {
        guard let best = state.numbers["best"]?.first, let epochs = state.numbers["epochs"], epochs.count == 2 else { return }
        (self.best, bestEpoch, epochsSinceBest, bestState) = (best, Int(epochs[0]), Int(epochs[1]), state.tensors)
    }
}
