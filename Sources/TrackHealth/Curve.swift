/// A series of any length as at most 128 stretches, each of as many finite points: enough for every rule that asks for levels and trends.
///
/// A full curve joins its stretches two by two, so that a point costs O(1) on average and the result depends on the points alone, never on how they
/// came. The last stretch may still be short.
struct Curve: Sendable, Equatable {
    /// Consecutive finite points.
    struct Stretch: Sendable, Equatable {
        var count: Int
        var sum: Double
        var min: Double
        var max: Double
        var firstStep: Int64
        var lastStep: Int64
        /// Microseconds since 1970.
        var firstTime: Int64
        var lastTime: Int64
        var mean: Double { sum / Double(count) }

        /// Takes in what comes next.
        mutating func append(_ next: Stretch) {
            count += next.count
            sum += next.sum
            (min, max) = (Swift.min(min, next.min), Swift.max(max, next.max))
            (lastStep, lastTime) = (next.lastStep, next.lastTime)
        }
    }

    static let most = 128
    private(set) var stretches: [Stretch] = []
    /// All finite points.
    private(set) var count = 0
    private var size = 1

    /// Adds one finite point behind all others.
    mutating func take(step: Int64, time: Int64, value: Double) {
        let point = Stretch(count: 1, sum: value, min: value, max: value, firstStep: step, lastStep: step, firstTime: time, lastTime: time)
        count += 1
        if let last = stretches.indices.last, stretches[last].count < size { return stretches[last].append(point) }
        if stretches.count == Self.most { halve() }
        if stretches.isEmpty { stretches.reserveCapacity(Self.most) }
        stretches.append(point)
    }

    private mutating func halve() {
        for place in 0..<Self.most / 2 {
            stretches[place] = stretches[2 * place]
            stretches[place].append(stretches[2 * place + 1])
        }
        stretches.removeLast(Self.most / 2)
        size *= 2
    }

    /// The means of all stretches, in order.
    var means: [Double] { stretches.map(\.mean) }

    /// How much neighbouring stretches usually differ: the median of the differences. What is less than a few of these is noise.
    var noise: Double {
        let means = means
        return median(zip(means, means.dropFirst()).map { abs($0 - $1) }) ?? 0
    }

    /// The last stretches that hold about this share of all, at least three.
    func tail(_ share: Double) -> ArraySlice<Stretch> { stretches.suffix(Swift.max(3, Int((Double(stretches.count) * share).rounded(.up)))) }

    /// Where the series is now: the median of its last tenth; `nil` without a point.
    var level: Double? { median(tail(0.1).map(\.mean)) }

    /// The steps behind the last stretch that is still as it was, at least the last stretch. There must be one.
    func steps(behindLast isAsBefore: (Stretch) -> Bool) -> ClosedRange<Int64> {
        let first = (stretches.lastIndex(where: isAsBefore) ?? -1) + 1
        return stretches[Swift.min(first, stretches.count - 1)].firstStep...stretches.last!.lastStep
    }

    /// The mean of the points between two shares of the series.
    func mean(from low: Double, to high: Double) -> Double {
        let count = Double(stretches.count), part = stretches[Int(count * low)..<Swift.max(Int(count * low) + 1, Int(count * high))]
        return part.reduce(0) { $0 + $1.sum } / Double(part.reduce(0) { $0 + $1.count })
    }
}

/// The middle value, of two middle ones the upper; `nil` of nothing. O(n log n).
func median(_ values: some Sequence<Double>) -> Double? {
    let sorted = values.sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
}
