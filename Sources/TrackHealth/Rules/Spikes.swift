import TrackModel

/// Values of a training loss that stand far out upwards and come back.
struct Spikes: Sendable {
    /// Points that make the level, how many there must be, and after how many points a rise is a new level and no spike.
    static let window = 25, least = 20, longest = 5
    static let spreads = 12.0, share = 0.5

    private var recent = RecentValues(window)
    /// Points above the limit that have not come back yet.
    private var waiting: [(step: Int64, value: Double)] = []
    private var limit = Double.infinity
    private var count = 0
    private var worst = -Double.infinity
    private var steps: ClosedRange<Int64>?

    mutating func take(step: Int64, value: Double) {
        if waiting.isEmpty {
            if let limit = limit(for: value) { (self.limit, waiting) = (limit, [(step, value)]) } else { recent.take(value) }
        } else if value > limit {
            waiting.append((step, value))
            if waiting.count > Self.longest { beginAnew() }
        } else {
            keep()
            recent.take(value)
        }
    }

    /// What the value is above; `nil` if it is usual.
    private func limit(for value: Double) -> Double? {
        guard recent.count >= Self.least, value > recent.greatest else { return nil }
        let level = recent.median, spread = recent.spread
        let limit = max(recent.greatest, level + max(Self.spreads * spread, Self.share * abs(level)))
        return value > limit && (level != 0 || spread > 0) ? limit : nil
    }

    private mutating func keep() {
        count += 1
        worst = max(worst, waiting.map(\.value).max()!)
        steps = (steps?.lowerBound ?? waiting[0].step)...waiting.last!.step
        waiting = []
    }

    /// The rise stays: what follows is measured by it.
    private mutating func beginAnew() {
        recent.removeAll()
        for (_, value) in waiting { recent.take(value) }
        waiting = []
    }

    func finding(in metric: String) -> Finding? {
        steps.map { steps in
            Finding(.spike, .warning, metric: metric, steps: steps, numbers: [.init("spikes", Double(count)), .init("greatest", worst)])
        }
    }

    static let words = FindingWords(
        title: "Spikes in {metric}", why: "Single batches that throw the loss far off can undo many steps.",
        advice: "Look at the data of these steps for imbalance and outliers; clip gradients, or lengthen the warm-up.",
        rule: """
            A value above the median of the last \(window) points by more than \(Int(spreads)) times their median distance from it and by more than half of it, \
            that is back within \(longest) points. Where all of them are 0 nothing is a spike.
            """)
}
