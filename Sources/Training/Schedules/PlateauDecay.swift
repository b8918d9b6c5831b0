/// Lowers the rate when a metric has stopped improving: PyTorch's `ReduceLROnPlateau`, decision for decision.
public struct PlateauDecay: Sendable, Equatable, Codable {
    /// Which way is better.
    public enum Goal: String, Sendable, Codable { case minimize, maximize }
    /// Whether `threshold` is a share of the best value or a difference from it.
    public enum ThresholdKind: String, Sendable, Codable { case relative, absolute }

    /// Whether smaller or larger is better.
    public var goal = Goal.minimize
    /// What the rate is multiplied by; between 0 and 1.
    public var factor = 0.1
    /// Epochs without improvement that are still borne.
    public var patience = 10
    /// How much better a value must be to count.
    public var threshold = 1e-4
    /// What `threshold` is measured in.
    public var thresholdKind = ThresholdKind.relative
    /// Epochs after a reduction in which nothing is counted.
    public var cooldown = 0
    /// The rate never goes below it.
    public var minimumRate = 0.0
    /// A smaller change of the rate is not made.
    public var smallestChange = 1e-8

    /// The best value so far; `nil` before the first.
    public private(set) var best: Double?
    /// Epochs without improvement so far.
    public private(set) var badEpochs = 0
    /// Epochs after a reduction that are still to pass uncounted.
    public private(set) var coolingEpochs = 0

    /// The rule with nothing seen yet.
    /// - Precondition: `factor` lies between 0 and 1.
    public init(goal: Goal = .minimize, factor: Double = 0.1, patience: Int = 10) {
        precondition(factor > 0 && factor < 1, "PlateauDecay: factor is \(factor); it must lie between 0 and 1")
        (self.goal, self.factor, self.patience) = (goal, factor, patience)
    }

    /// Takes an epoch's metric and says which rate comes next. NaN is no improvement.
    public mutating func rate(after metric: Double, current: Double) -> Double {
        if isImprovement(metric) {
            (best, badEpochs) = (metric, 0)
        } else {
            badEpochs += 1
        }
        if coolingEpochs > 0 {
            coolingEpochs -= 1
            badEpochs = 0
        }
        guard badEpochs > patience else { return current }
        (coolingEpochs, badEpochs) = (cooldown, 0)
        let lower = max(current * factor, minimumRate)
        return current - lower > smallestChange ? lower : current
    }

    /// Goes on from where a checkpoint was taken.
    mutating func resume(best: Double?, badEpochs: Int, coolingEpochs: Int) {
        (self.best, self.badEpochs, self.coolingEpochs) = (best, badEpochs, coolingEpochs)
    }

    private func isImprovement(_ metric: Double) -> Bool {
        let best = self.best ?? (goal == .minimize ? .infinity : -.infinity)
        switch (goal, thresholdKind) {
        case (.minimize, .relative): return metric < best * (1 - threshold)
        case (.minimize, .absolute): return metric < best - threshold
        case (.maximize, .relative): return metric > best * (1 + threshold)
        case (.maximize, .absolute): return metric > best + threshold
        }
    }
}
