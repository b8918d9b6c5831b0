public import TrackModel

/// The answer to a ``SeriesQuery``: one entry for each run and metric, or for each group, in buckets.
public struct SeriesAnswer: Sendable, Equatable, Codable {
    /// The x axis, as asked: `step`, `running`, `relative`, `wall` or `metric:NAME`.
    public var x: String
    /// How many buckets were asked for.
    public var buckets: Int
    public var series: [BucketSeries]
    public var missing: [Missing]

    public init(x: String, buckets: Int, series: [BucketSeries], missing: [Missing] = []) {
        (self.x, self.buckets, self.series, self.missing) = (x, buckets, series, missing)
    }

    /// A run and metric without anything to draw, and why.
    public struct Missing: Sendable, Equatable, Codable {
        public enum Reason: String, Sendable, Codable {
            case notLogged = "not_logged"
            case noX = "no_x"
            case unknownRun = "unknown_run"
            case damaged
        }
        public var run: RunID
        public var metric: String
        public var reason: Reason

        public init(run: RunID, metric: String, reason: Reason) { (self.run, self.metric, self.reason) = (run, metric, reason) }
    }
}

/// One curve in buckets. Only buckets that hold points are here; every array has ``bucketCount`` entries or is `nil` (not asked for).
public struct BucketSeries: Sendable, Equatable {
    /// `nil` for a group.
    public var run: RunID?
    public var metric: String
    /// Points in range.
    public var points: Int
    /// Every bucket holds one point.
    public var raw: Bool
    /// x of the first and last point of the whole series, whatever the range.
    public var firstX: Double?
    public var lastX: Double?
    /// The range that the buckets divide.
    public var domain: [Double]
    /// How many buckets follow.
    public var bucketCount: Int
    public var nan: Int
    public var positiveInfinity: Int
    public var negativeInfinity: Int
    /// Points of the whole series that came after points of greater steps, by their times; left out of the JSON form when there are none.
    public var late = 0
    /// Give it back in `since` to get only what changed after this answer.
    public var cursor: String?
    /// True when an earlier answer stays: drop its buckets from `x0[0]` on, then append these.
    public var delta: Bool
    /// The group's keys and values; `nil` for a run.
    public var group: JSONValue?
    /// The group's runs; `nil` for a run.
    public var members: [RunID]?
    /// The values at the percentiles asked for, in their order; NaN where there is no finite point.
    public var percentiles: [Double]?
    public var columns: BucketColumns

    public init(
        run: RunID?, metric: String, points: Int = 0, raw: Bool = false, firstX: Double? = nil, lastX: Double? = nil,
        domain: [Double] = [], columns: BucketColumns = BucketColumns()
    ) {
        (self.run, self.metric, self.points, self.raw, self.firstX, self.lastX) = (run, metric, points, raw, firstX, lastX)
        (self.domain, self.columns) = (domain, columns)
        (bucketCount, nan, positiveInfinity, negativeInfinity, delta) = (columns.count, 0, 0, 0, false)
    }
}

/// The columns of a curve. NaN in ``min``, ``max``, ``mean``, ``first`` and ``last`` means that the bucket has no finite point.
public struct BucketColumns: Sendable, Equatable {
    /// x of the first and of the last point in each bucket.
    public var x0: [Double]?
    public var x1: [Double]?
    /// All points, non-finite included.
    public var pointCount: [UInt32]?
    public var min: [Double]?
    public var max: [Double]?
    public var mean: [Double]?
    public var first: [Double]?
    public var last: [Double]?
    public var nanCount: [UInt32]?
    public var positiveInfinityCount: [UInt32]?
    public var negativeInfinityCount: [UInt32]?
    /// The smoothed value at the bucket's last point.
    public var smoothed: [Double]?
    /// The lower and upper edge of a group's band.
    public var low: [Double]?
    public var high: [Double]?
    /// How many runs of the group have a value at this x.
    public var runs: [UInt32]?

    public init() {}

    /// How many buckets the columns have.
    public var count: Int { x0?.count ?? pointCount?.count ?? numbers.lazy.compactMap { self[keyPath: $0.path]?.count }.first ?? 0 }

    typealias Numbers = (name: String, path: WritableKeyPath<BucketColumns, [Double]?>)
    typealias Counts = (name: String, path: WritableKeyPath<BucketColumns, [UInt32]?>)

    /// Columns of numbers by their names in JSON and in the binary form.
    var numbers: [Numbers] {
        [("x0", \.x0), ("x1", \.x1), ("min", \.min), ("max", \.max), ("mean", \.mean), ("first", \.first), ("last", \.last),
         ("smoothed", \.smoothed), ("low", \.low), ("high", \.high)]
    }
    var counts: [Counts] {
        [("count", \.pointCount), ("nanCount", \.nanCount), ("positiveInfinityCount", \.positiveInfinityCount),
         ("negativeInfinityCount", \.negativeInfinityCount), ("runs", \.runs)]
    }

    /// The names that a query may ask for.
    public static let names = ["x0", "x1", "count", "min", "max", "mean", "first", "last", "nanCount", "positiveInfinityCount",
                               "negativeInfinityCount", "smoothed", "low", "high", "runs"]

    /// Drops every column that `wanted` does not name; x0 and x1 always stay.
    public mutating func keep(only wanted: [String]) {
        let wanted = Set(wanted + ["x0", "x1"])
        for column in numbers where !wanted.contains(column.name) { self[keyPath: column.path] = nil }
        for column in counts where !wanted.contains(column.name) { self[keyPath: column.path] = nil }
    }

    /// Equal if bit-equal, so that NaN equals itself.
    public static func == (left: BucketColumns, right: BucketColumns) -> Bool {
        left.numbers.allSatisfy { left[keyPath: $0.path]?.map(\.bitPattern) == right[keyPath: $0.path]?.map(\.bitPattern) }
            && left.counts.allSatisfy { left[keyPath: $0.path] == right[keyPath: $0.path] }
    }
}
