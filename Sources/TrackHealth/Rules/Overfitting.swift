import TrackModel

/// A held-out metric whose best lies well behind, while the loss on training data goes on falling.
enum Overfitting {
    static let least = 5, back = 0.8, share = 0.08, noises = 4.0

    /// - Parameter training: The same metric on training data, if it is logged.
    static func finding(in metric: String, _ curve: Curve, smallerIsBetter: Bool, training: Curve?) -> Finding? {
        let sign = smallerIsBetter ? 1.0 : -1, stretches = curve.stretches, values = curve.means.map { $0 * sign }
        guard values.count >= least, let least = values.min(), let greatest = values.max(), let best = values.firstIndex(of: least),
              let now = median(values.suffix(3)), Double(best) <= back * Double(values.count - 1) else { return nil }
        guard now - least > share * (greatest - least), now - least > noises * curve.noise else { return nil }
        var numbers: [FindingNumber] = [.init("best", least * sign), .init("now", now * sign)]
        if let training {
            guard let gap = gap(training, after: stretches[best].lastStep, sign: sign) else { return nil }
            numbers += [.init("on training data, at the best", gap.then * sign), .init("on training data, now", gap.now * sign)]
        }
        return Finding(.overfitting, .warning, metric: metric, steps: stretches[best].lastStep...stretches.last!.lastStep, numbers: numbers)
    }

    /// The training metric at a step and now; `nil` if it got worse itself, which is no over-fitting.
    private static func gap(_ training: Curve, after step: Int64, sign: Double) -> (then: Double, now: Double)? {
        guard let then = training.stretches.last(where: { $0.firstStep <= step })?.mean, let now = training.level else { return nil }
        return (now - then) * sign <= noises * training.noise ? (then * sign, now * sign) : nil
    }

    static let words = FindingWords(
        title: "{metric} was best long before", why: "Training goes on to fit what does not help on new data.",
        advice: "Stop at the best step, or regularise: augmentation, weight decay, dropout.",
        rule: """
            The best stretch lies in the first 80 % of the held-out metric, and the median of the last three is worse by more than 8 % of the metric's range and by \
            more than \(Int(noises)) times the usual change between neighbours, while the same metric on training data, where it is logged, did not get worse.
            """)
}
