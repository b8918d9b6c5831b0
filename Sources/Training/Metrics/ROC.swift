/// Scores with the truth beside them: the ROC curve, the area under it, the average precision.
///
/// Adding batch by batch gives what one pass gives. Memory grows with the samples: a curve needs them all.
public struct ROC: Sendable {
    private var scored: [(score: Double, isPositive: Bool)] = []

    /// Nothing seen yet.
    public init() {}

    /// - Parameter scores: Higher means more likely positive; any scale.
    public mutating func add(scores: some Collection<Double>, positives: some Collection<Bool>) {
        precondition(scores.count == positives.count, "ROC: \(scores.count) scores for \(positives.count) labels")
        for (score, isPositive) in zip(scores, positives) {
            precondition(!score.isNaN, "ROC: a score is NaN. Look for the batch where the model's output stopped being finite.")
            scored.append((score, isPositive))
        }
    }

    /// A point of the curve: what happens when everything with at least `threshold` is called positive.
    public struct Point: Sendable, Equatable {
        /// The threshold, and the shares of negatives and positives that reach it.
        public let threshold, falsePositiveRate, truePositiveRate: Double
    }

    /// From (0, 0) to (1, 1), one point for each different score. O(*n* log *n*).
    public var curve: [Point] {
        let (positives, negatives) = totals
        let rate: (Int, Int) -> Double = { $1 == 0 ? 0 : Double($0) / Double($1) }
        return [Point(threshold: .infinity, falsePositiveRate: 0, truePositiveRate: 0)]
            + steps().map { Point(threshold: $0.score, falsePositiveRate: rate($0.falsePositives, negatives), truePositiveRate: rate($0.truePositives, positives)) }
    }

    /// The probability that a positive is scored above a negative, ties counting half. Source: Fawcett, *An introduction to
    /// ROC analysis* (2006). 0.5, no better than chance, while a class is missing: see ``undefined``.
    public var areaUnderCurve: Double {
        let (positives, negatives) = totals
        guard positives > 0, negatives > 0 else { return 0.5 }
        var area = 0.0, last = (falsePositives: 0, truePositives: 0)
        for step in steps() {
            area += Double(step.falsePositives - last.falsePositives) * Double(step.truePositives + last.truePositives) / 2
            last = (step.falsePositives, step.truePositives)
        }
        return area / (Double(positives) * Double(negatives))
    }

    /// Precision averaged over the steps of recall; 0 without positives.
    public var averagePrecision: Double {
        let positives = totals.positives
        guard positives > 0 else { return 0 }
        var sum = 0.0, found = 0
        for step in steps() {
            sum += Double(step.truePositives - found) / Double(positives) * Double(step.truePositives)
                / Double(step.truePositives + step.falsePositives)
            found = step.truePositives
        }
        return sum
    }

    /// What the numbers cannot mean while one class is missing.
    public var undefined: [String] {
        let (positives, negatives) = totals
        return (positives == 0 ? ["The area under the curve is taken as 0.5: no positive sample was seen."] : [])
            + (negatives == 0 ? ["The area under the curve is taken as 0.5: no negative sample was seen."] : [])
    }

    private var totals: (positives: Int, negatives: Int) {
        let positives = scored.count { $0.isPositive }
        return (positives, scored.count - positives)
    }

    /// Counts after each different score, from the highest down.
    private func steps() -> [(score: Double, truePositives: Int, falsePositives: Int)] {
        var steps: [(score: Double, truePositives: Int, falsePositives: Int)] = [], counts = (true: 0, false: 0)
        for sample in scored.sorted(by: { $0.score > $1.score }) {
            if sample.isPositive { counts.true += 1 } else { counts.false += 1 }
            if steps.last?.score == sample.score { steps.removeLast() }
            steps.append((sample.score, counts.true, counts.false))
        }
        return steps
    }
}
