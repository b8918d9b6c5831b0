import TrackModel

/// A training loss that rises again and does not come back.
enum Divergence {
    static let least = 20, share = 0.5, noises = 4.0

    static func finding(in metric: String, _ curve: Curve) -> Finding? {
        let stretches = curve.stretches
        guard stretches.count >= least, let best = stretches.min(by: { $0.mean < $1.mean }), let now = curve.level else { return nil }
        let fell = stretches[0].mean - best.mean, rose = now - best.mean
        guard rose > share * fell, rose > share * abs(best.mean), rose > noises * curve.noise else { return nil }
        return Finding(.divergence, .error, metric: metric, steps: best.lastStep...stretches.last!.lastStep, numbers: [
            .init("at the beginning", stretches[0].mean), .init("best", best.mean), .init("now", now), .init("usual change", curve.noise),
        ])
    }

    static let words = FindingWords(
        title: "{metric} diverged", why: "The loss rose again and did not come back.",
        advice: "Go back to the checkpoint before it rose, with a lower learning rate.",
        rule: """
            Over at most \(Curve.most) stretches of equal length: the median of the last tenth lies above the best stretch by more than half of all that the loss \
            had fallen, by more than half of the best itself, and by more than \(Int(noises)) times the usual change between neighbours.
            """)
}
