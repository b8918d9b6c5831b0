import TrackModel

/// NaN and infinity, counted: the one rule that looks at every metric.
struct NotFinite: Sendable, Equatable {
    /// Points of one kind: how many, from where to where.
    struct Place: Sendable, Equatable {
        var count = 0
        var first: Int64 = 0
        var last: Int64 = 0

        mutating func take(_ step: Int64) {
            if count == 0 { first = step }
            count += 1
            last = step
        }
    }

    /// A series that was finite again for so many points has got over it.
    static let recovered = 10
    private(set) var nan = Place()
    private(set) var infinity = Place()
    private(set) var count = 0
    private var finiteSince = 0

    mutating func take(step: Int64, value: Double) {
        count += 1
        if value.isFinite { finiteSince += 1; return }
        finiteSince = 0
        if value.isNaN { nan.take(step) } else { infinity.take(step) }
    }

    /// Counts points that are all finite.
    mutating func take(finite more: Int) {
        count += more
        finiteSince += more
    }

    func findings(in metric: String) -> [Finding] {
        let severity: FindingSeverity = finiteSince >= Self.recovered ? .warning : .error
        return [(FindingKind.nan, nan), (.infinity, infinity)].compactMap { kind, place in
            if place.count == 0 { return nil }
            return Finding(kind, severity, metric: metric, steps: place.first...place.last, numbers: [
                .init("points concerned", Double(place.count)), .init("points", Double(count)), .init("finite points since", Double(finiteSince)),
            ])
        }
    }

    private static let rule = "Counts every point that is not a number. An error; a warning once \(recovered) finite points came after the last."
    static let nanWords = FindingWords(
        title: "NaN in {metric}", why: "Every number that is made of a NaN is one: nothing after the first is learned.",
        advice: "Look at the batch of the first step; lower the learning rate, clip gradients, keep log and division away from 0.", rule: rule)
    static let infinityWords = FindingWords(
        title: "Infinity in {metric}", why: "An overflow is one step from NaN.",
        advice: "Clip gradients, lower the learning rate, or use a wider number format with loss scaling.", rule: rule)
}
