import TrackModel

/// Most units of a layer answer nothing: a logged share of dead units is large.
enum DeadUnits {
    static let many = 0.5, most = 0.9, least = 3

    static func finding(in metric: String, _ curve: Curve) -> Finding? {
        guard curve.count >= least, let greatest = curve.stretches.map(\.max).max(), greatest <= 100, curve.stretches.allSatisfy({ $0.min >= 0 }),
              let level = curve.level else { return nil }
        let share = greatest > 1 ? level / 100 : level
        guard share >= many else { return nil }
        let limit = many * (greatest > 1 ? 100 : 1)
        return Finding(.deadUnits, share >= most ? .error : .warning, metric: metric, steps: curve.steps(behindLast: { $0.mean < limit }),
                       numbers: [.init("share that is dead", share)])
    }

    static let words = FindingWords(
        title: "Most units are dead: {metric}", why: "A unit that answers 0 to everything gets no gradient and does not come back.",
        advice: "Lower the learning rate, use leaky activations, or look at the initial bias.",
        rule: "The median of the last tenth of a metric with \"dead\" in its name, a share or percent, is at least half. An error from 90 % on.")
}
