import Layers

/// Raises the learning rate by a fifth each batch, to see where the loss falls fastest and where it breaks.
///
/// Starts at 1e-6 whatever rate the learner was given, and ends the fit above 10 or at the first loss that is NaN.
/// With a finite loss that is on training batch 89, with 88 points recorded. Source: Smith, *Cyclical Learning Rates* (2017).
public final class LRFinder: Callback {
    /// The first rate before it is raised, what it is raised by, and where the search ends.
    public let start, factor, limit: Double
    /// What was tried and what came of it; the batch that ended the search is not among them.
    public private(set) var points: [(rate: Double, loss: Double)] = []
    private var baseRate = 0.0

    /// Searches from `start · factor` upwards.
    /// - Precondition: `start` > 0, `factor` > 1, `limit` > `start`.
    public init(start: Double = 1e-6, factor: Double = 1.2, limit: Double = 10) {
        precondition(start > 0 && factor > 1 && limit > start, "LRFinder: from \(start) by \(factor) never reaches \(limit)")
        (self.start, self.factor, self.limit) = (start, factor, limit)
    }

    /// The points worth drawing, on a logarithmic axis: the last two are left out, as the loss is breaking there.
    public var curve: ArraySlice<(rate: Double, loss: Double)> { points.dropLast(2) }

    /// The rate at which the smoothed loss falls fastest per decade; `nil` below 10 points or when it never falls.
    public var suggestion: Double? {
        guard curve.count >= 10 else { return nil }
        let smooth = smoothed(curve.map(\.loss))
        let slopes = (1..<smooth.count - 1).map { smooth[$0 + 1] - smooth[$0 - 1] }
        guard let steepest = slopes.indices.min(by: { slopes[$0] < slopes[$1] }), slopes[steepest] < 0 else { return nil }
        return points[steepest + 1].rate
    }

    public override func beforeFit(_ learner: Learner) {
        points = []
        baseRate = learner.learningRate
        learner.learningRate = start
    }

    public override func beforeBatch(_ learner: Learner) {
        if learner.phase == .train { learner.optimizer.learningRate *= factor }
    }

    public override func afterBatch(_ learner: Learner) throws {
        guard learner.phase == .train else { return }
        let rate = learner.optimizer.learningRate
        if learner.lossValue.isNaN { throw Cancel.fit(reason: "the loss is NaN at learning rate \(rate)") }
        if rate > limit { throw Cancel.fit(reason: "learning rate \(rate) is above \(limit)") }
        points.append((rate, learner.lossValue))
    }

    public override func cleanupFit(_ learner: Learner) { learner.learningRate = baseRate }

    /// Means over five neighbours: single batches are noisy.
    private func smoothed(_ values: [Double]) -> [Double] {
        values.indices.map { place in
            let near = values[max(0, place - 2)...min(values.count - 1, place + 2)]
            return near.reduce(0, +) / Double(near.count)
        }
    }
}

extension Learner {
    /// Runs an ``LRFinder`` and puts the model back as it was: parameters, buffers and random streams.
    /// - Parameter epochs: Enough for 89 batches by default.
    public func findLearningRate(epochs: Int? = nil, with finder: LRFinder = LRFinder()) throws -> LRFinder {
        let (state, streams, all, steps, passes) = (model.stateDict(), model.randomStreams, callbacks, stepCount, passCount)
        callbacks = all.filter(\.servesInference) + [finder]
        defer {
            (callbacks, stepCount, passCount) = (all, steps, passes)
            model.randomStreams = streams
        }
        try fit(epochs: epochs ?? (89 + loaders.train.count - 1) / max(1, loaders.train.count))
        try model.load(state)
        return finder
    }
}
