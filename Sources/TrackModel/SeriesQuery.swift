/// `POST /api/v1/series/query`: which points, over which x, in how many buckets.
public struct SeriesQuery: Sendable, Equatable, Codable {
    public var runs: [RunID]
    public var metrics: [String]
    /// `step`, `running` (seconds in which a process ran), `relative` (seconds since the run's start), `wall` or `metric:NAME`.
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

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case runs, metrics, x, from, to, buckets, scale, smoothing, group, percentiles, since, columns
    }

    public struct Smoothing: Sendable, Equatable, Codable {
        private enum CodingKeys: String, CodingKey, CaseIterable { case kind, amount }

        public enum Kind: String, Sendable, Codable, CaseIterable { case timeEMA, ema, gaussian, average }
        public var kind: Kind
        /// 0 … 0.999; for `average` the window in points.
        public var amount: Double

        public init(kind: Kind, amount: Double) { (self.kind, self.amount) = (kind, amount) }
    }

    public struct Grouping: Sendable, Equatable, Codable {
        private enum CodingKeys: String, CodingKey, CaseIterable { case by, aggregate, band }

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

// A slip of the pen in a question would be answered as if nothing had been asked: unknown keys are refused, with those that are known.
extension SeriesQuery {
    public init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(but: CodingKeys.self)
        let body = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            runs: try body.decode([RunID].self, forKey: .runs), metrics: try body.decode([String].self, forKey: .metrics),
            x: try body.decodeIfPresent(String.self, forKey: .x), from: try body.decodeIfPresent(Double.self, forKey: .from),
            to: try body.decodeIfPresent(Double.self, forKey: .to), buckets: try body.decodeIfPresent(Int.self, forKey: .buckets),
            scale: try body.decodeIfPresent(String.self, forKey: .scale), smoothing: try body.decodeIfPresent(Smoothing.self, forKey: .smoothing),
            group: try body.decodeIfPresent(Grouping.self, forKey: .group), percentiles: try body.decodeIfPresent([Double].self, forKey: .percentiles),
            since: try body.decodeIfPresent([String].self, forKey: .since), columns: try body.decodeIfPresent([String].self, forKey: .columns))
    }
}

extension SeriesQuery.Smoothing {
    public init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(but: CodingKeys.self)
        let body = try decoder.container(keyedBy: CodingKeys.self)
        self.init(kind: try body.decode(Kind.self, forKey: .kind), amount: try body.decode(Double.self, forKey: .amount))
    }
}

extension SeriesQuery.Grouping {
    public init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(but: CodingKeys.self)
        let body = try decoder.container(keyedBy: CodingKeys.self)
        self.init(by: try body.decode([String].self, forKey: .by), aggregate: try body.decodeIfPresent(Aggregate.self, forKey: .aggregate),
                  band: try body.decodeIfPresent(Band.self, forKey: .band))
    }
}

extension Decoder {
    /// - Throws: `DecodingError.dataCorrupted` that names the first key that `known` has not, and all that it has.
    func refuseKeys<Known: CodingKey & CaseIterable>(but known: Known.Type) throws {
        let known = Known.allCases.map(\.stringValue)
        guard let unknown = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).filter({ !known.contains($0) }).min() else { return }
        let place = codingPath + [AnyKey(stringValue: String(unknown.prefix(40)))]
        throw DecodingError.dataCorrupted(.init(codingPath: place, debugDescription: "there is no such key; known are \(known.joined(separator: ", "))"))
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
