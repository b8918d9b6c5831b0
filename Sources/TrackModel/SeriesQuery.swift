/// `POST /api/v1/series/query`: which points, over which x, in how many buckets.
public struct SeriesQuery: Sendable, Equatable, Codable {
    public var runs: [RunID]
    public var metrics: [String]
    /// `step`, `relative`, `wall` or `metric:NAME`.
    public var x: String?
    /// First x that is asked for; `nil` means from the beginning.
    public var from: Double?
    public var to: Double?
    /// 1 … 10 000; 500 if `nil`.
    public var buckets: Int?
    /// `linear` or `log`: how buckets are spaced.
    public var scale: String?
    public var smoothing: Smoothing?
    public var group: Grouping?
    /// Percentiles of the points in range, for y ranges without outliers: 0 … 100.
    public var percentiles: [Double]?
    /// Cursors of earlier answers, one for each series in the order runs × metrics: only what changed since then.
    public var since: [String]?
    /// The columns wanted; `nil` means all.
    public var columns: [String]?

    public init(
        runs: [RunID], metrics: [String], x: String? = nil, from: Double? = nil, to: Double? = nil, buckets: Int? = nil,
        scale: String? = nil, smoothing: Smoothing? = nil, group: Grouping? = nil, percentiles: [Double]? = nil,
        since: [String]? = nil, columns: [String]? = nil
    ) {
        (self.runs, self.metrics, self.x, self.from, self.to, self.buckets) = (runs, metrics, x, from, to, buckets)
        (self.scale, self.smoothing, self.group) = (scale, smoothing, group)
        (self.percentiles, self.since, self.columns) = (percentiles, since, columns)
    }

    public struct Smoothing: Sendable, Equatable, Codable {
        public enum Kind: String, Sendable, Codable, CaseIterable { case timeEMA, ema, gaussian, average }
        public var kind: Kind
        /// 0 … 0.999; for `average` the window in points.
        public var amount: Double

        public init(kind: Kind, amount: Double) { (self.kind, self.amount) = (kind, amount) }
    }

    public struct Grouping: Sendable, Equatable, Codable {
        public enum Aggregate: String, Sendable, Codable, CaseIterable { case mean, median, iqm, min, max }
        public enum Band: String, Sendable, Codable, CaseIterable { case minmax, std, sem, ci, none }
        /// Run fields or config keys: `group`, `config.model`. Empty: all runs are one group.
        public var by: [String]
        public var aggregate: Aggregate?
        public var band: Band?

        public init(by: [String], aggregate: Aggregate? = nil, band: Band? = nil) {
            (self.by, self.aggregate, self.band) = (by, aggregate, band)
        }
    }
}
