import TrackModel

/// A training loss that does not fall any more, or never did, and is not small.
enum Plateau {
    static let least = 400, improved = 0.01, learned = 0.05, small = 0.05

    static func finding(in metric: String, _ curve: Curve) -> Finding? {
        guard curve.count >= least, let top = curve.means.max(), let bottom = curve.means.min() else { return nil }
        let begin = curve.mean(from: 0, to: 0.1), before = curve.mean(from: 0.4, to: 0.6), now = curve.mean(from: 0.6, to: 1)
        guard abs(before - now) < improved * max(top - bottom, learned * abs(begin)), now > 1e-3, now > small * top else { return nil }
        let stretches = curve.stretches, first = stretches[Int(Double(stretches.count) * 0.4)].firstStep
        let neverFell = begin - now < learned * abs(begin)
        return Finding(.plateau, neverFell ? .warning : .info, metric: metric, steps: first...stretches.last!.lastStep, numbers: [
            .init("at the beginning", begin), .init("from 40 to 60 %", before), .init("since", now),
        ])
    }

    static let words = FindingWords(
        title: "{metric} does not fall any more", why: "The rest of the run costs time and teaches nothing, at least not at this rate.",
        advice: "Lower the learning rate or end the run; if it never fell, look for a rate that is too small, frozen parameters or wrong labels.",
        rule: """
            From \(least) points on: the mean from 40 to 60 % of the points and the mean after it differ by less than 1 % of the loss's whole range, and the loss is \
            above 0.001 and above 5 % of its greatest. A warning if it never fell by 5 %.
            """)
}
