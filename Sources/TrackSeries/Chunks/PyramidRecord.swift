/// What is kept of a stretch of consecutive points of one series: enough for any bucket that holds the whole stretch.
public struct PyramidRecord: Sendable, Equatable {
    /// All points, non-finite included.
    public var count = 0
    public var nan = 0
    public var positiveInfinity = 0
    public var negativeInfinity = 0
    /// Of the finite points; ±∞ the wrong way round when there are none.
    public var min = Double.infinity
    public var max = -Double.infinity
    public var sum = 0.0
    /// NaN when there are no finite points.
    public var first = Double.nan
    public var last = Double.nan
    public var firstStep: Int64 = 0
    public var lastStep: Int64 = 0
    /// Microseconds since 1970.
    public var firstTime: Int64 = 0
    public var lastTime: Int64 = 0
    /// No time in it is before the one at the step before.
    public var timesAscend = true

    public init() {}

    /// Points a record stands for at the lowest level, and records for one of the next.
    public static let points = 64
    public static let records = 16

    public var finite: Int { count - nan - positiveInfinity - negativeInfinity }

    /// The record of `range`, which must not be empty.
    init(steps: [Int64], times: [Int64], values: [Double], range: Range<Int>) {
        (firstStep, lastStep) = (steps[range.lowerBound], steps[range.upperBound - 1])
        (firstTime, lastTime) = (times[range.lowerBound], times[range.upperBound - 1])
        for index in range.dropFirst() where times[index] < times[index - 1] { timesAscend = false }
        summarise(values[range])
    }

    /// Counts and extremes of these values, in order.
    mutating func summarise(_ values: ArraySlice<Double>) {
        count = values.count
        for value in values {
            if value.isFinite {
                if first.isNaN { first = value }
                last = value
                sum += value
                if value < min { min = value }
                if value > max { max = value }
            } else if value.isNaN { nan += 1 } else if value > 0 { positiveInfinity += 1 } else { negativeInfinity += 1 }
        }
    }

    /// Adds the record of the points that follow.
    public mutating func append(_ next: PyramidRecord) {
        if count == 0 { self = next; return }
        timesAscend = timesAscend && next.timesAscend && next.firstTime >= lastTime
        count += next.count
        nan += next.nan
        positiveInfinity += next.positiveInfinity
        negativeInfinity += next.negativeInfinity
        min = Swift.min(min, next.min)
        max = Swift.max(max, next.max)
        sum += next.sum
        if first.isNaN { first = next.first }
        if !next.last.isNaN { last = next.last }
        (lastStep, lastTime) = (next.lastStep, next.lastTime)
    }

    /// Sixteen to one.
    static func coarser(_ records: [PyramidRecord]) -> [PyramidRecord] {
        stride(from: 0, to: records.count, by: Self.records).map { start in
            records[start..<Swift.min(start + Self.records, records.count)].reduce(into: PyramidRecord()) { $0.append($1) }
        }
    }

    /// Equal if bit-equal, so that NaN equals itself.
    public static func == (left: PyramidRecord, right: PyramidRecord) -> Bool {
        left.count == right.count && left.nan == right.nan && left.positiveInfinity == right.positiveInfinity
            && left.negativeInfinity == right.negativeInfinity && left.firstStep == right.firstStep && left.lastStep == right.lastStep
            && left.firstTime == right.firstTime && left.lastTime == right.lastTime && left.timesAscend == right.timesAscend
            && [left.min, left.max, left.sum, left.first, left.last].map(\.bitPattern) == [right.min, right.max, right.sum, right.first, right.last].map(\.bitPattern)
    }
}
