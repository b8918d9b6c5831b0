import TrackModel

/// Gradient norms that are very large, by themselves or beside the usual.
struct ExplodingGradients: Sendable, Equatable {
    static let large = 1e3, huge = 1e5, factor = 100.0, floor = 1.0, window = 50, least = 20, settled = 100

    private var recent = RecentValues(window)
    private var count = 0
    private var seen = 0
    private var calm = 0
    private var worst = 0.0
    private var steps: ClosedRange<Int64>?

    mutating func take(step: Int64, value: Double) {
        seen += 1
        let stands = recent.count >= Self.least && value >= Self.floor && recent.median > 0 && value > Self.factor * recent.median
        guard value >= Self.large || stands else {
            recent.take(value)
            calm += 1
            return
        }
        (count, calm, worst) = (count + 1, 0, max(worst, value))
        steps = (steps?.lowerBound ?? step)...step
    }

    func finding(in metric: String) -> Finding? {
        guard let steps else { return nil }
        let hasSettled = calm >= Self.settled && calm * 2 >= seen
        let severity: FindingSeverity = hasSettled ? .info : worst >= Self.huge ? .error : .warning
        var numbers: [FindingNumber] = [.init("points concerned", Double(count)), .init("points", Double(seen)), .init("greatest", worst)]
        if recent.count > 0 { numbers.append(.init("usual", recent.median)) }
        return Finding(.explodingGradients, severity, metric: metric, steps: steps, numbers: numbers)
    }

    static let words = FindingWords(
        title: "Very large gradients in {metric}", why: "One such step can throw all parameters away from what they had learned.",
        advice: "Lower the initial learning rate, lengthen the warm-up, clip gradients by their norm.",
        rule: """
            A norm of at least 1000, or above 1 and above \(Int(factor)) times the median of the last \(window) others. An error from 100 000 on; worth knowing only, once \
            \(settled) usual points and half of all came after the last.
            """)
}

/// Gradient norms of nearly nothing while the loss is not small.
struct VanishingGradients: Sendable, Equatable {
    static let tiny = 1e-7, least = 20

    private var count = 0
    private var steps: ClosedRange<Int64>?

    mutating func take(step: Int64, value: Double) {
        guard value < Self.tiny else { (count, steps) = (0, nil); return }
        count += 1
        steps = (steps?.lowerBound ?? step)...step
    }

    /// - Parameter loss: The training loss; small gradients of a small loss are what is wanted.
    func finding(in metric: String, loss: Curve?) -> Finding? {
        guard let steps, count >= Self.least else { return nil }
        var numbers: [FindingNumber] = [.init("points in a row", Double(count)), .init("limit", Self.tiny)]
        if let loss, let first = loss.stretches.first?.mean, let now = loss.level {
            guard now > 1e-3, now > 0.01 * abs(first) else { return nil }
            numbers.append(.init("loss now", now))
        }
        return Finding(.vanishingGradients, .warning, metric: metric, steps: steps, numbers: numbers)
    }

    static let words = FindingWords(
        title: "Gradients of nearly 0 in {metric}", why: "Training has stopped: parameters no longer change, though the loss is not small.",
        advice: "Look for saturated activations and dead units; use residual connections, normalisation, another initialisation, or a larger rate.",
        rule: "The last \(least) points or more are all below 1e-7, while the loss is above 0.001 and above 1 % of its first value.")
}
