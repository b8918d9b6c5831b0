import TrackModel
import TrackSeries

/// A series query, checked: nothing behind it checks again.
struct SeriesRequest: Sendable {
    enum Axis: Sendable, Equatable { case step, running, relative, wall, metric(String) }

    let query: SeriesQuery
    let axis: Axis
    let buckets: Int
    let scale: BucketGrid.Scale

    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)``
    init(_ query: SeriesQuery) throws {
        func refuse(_ name: String, _ value: String, _ reason: String) -> StoreError { .invalidParameter(name: name, value: value, reason: reason) }
        self.query = query
        if query.runs.isEmpty { throw refuse("runs", "[]", "at least one run is needed") }
        if query.metrics.isEmpty { throw refuse("metrics", "[]", "at least one metric is needed") }
        switch query.x ?? "step" {
        case "step": axis = .step
        case "running": axis = .running
        case "relative": axis = .relative
        case "wall": axis = .wall
        case let x where x.hasPrefix("metric:") && x.utf8.count > 7: axis = .metric(String(x.dropFirst(7)))
        case let x: throw refuse("x", x, "it is step, running, relative, wall or metric:NAME")
        }
        buckets = query.buckets ?? 500
        if !(1...10_000).contains(buckets) { throw refuse("buckets", "\(buckets)", "it is 1 … 10000") }
        guard let scale = BucketGrid.Scale(rawValue: query.scale ?? "linear") else { throw refuse("scale", query.scale!, "it is linear or log") }
        self.scale = scale
        for (name, value) in [("from", query.from), ("to", query.to)] { if let value, value.isNaN { throw refuse(name, "NaN", "it is a number") } }
        if let from = query.from, let to = query.to, from > to { throw refuse("from", "\(from)", "it is greater than to, \(to)") }
        try Self.check(query, refuse)
    }

    /// The steps that have to be read; `nil` if that cannot be told from the range.
    var wantedSteps: ClosedRange<Int64>? {
        guard axis == .step, query.smoothing == nil, query.since == nil, query.from != nil || query.to != nil else { return nil }
        let low = query.from.map { Int64(exactly: $0.rounded(.down)) ?? .min } ?? .min, high = query.to.map { Int64(exactly: $0.rounded(.up)) ?? .max } ?? .max
        return low <= high ? low...high : nil
    }

    private static func check(_ query: SeriesQuery, _ refuse: (String, String, String) -> StoreError) throws {
        if let smoothing = query.smoothing {
            let top = smoothing.kind == .average ? 1e9 : 0.999
            if !(smoothing.amount >= 0 && smoothing.amount <= top) { throw refuse("smoothing.amount", "\(smoothing.amount)", "it is 0 … \(top)") }
        }
        for percentile in query.percentiles ?? [] where !(percentile >= 0 && percentile <= 100) {
            throw refuse("percentiles", "\(percentile)", "each is 0 … 100")
        }
        if let since = query.since, since.count != query.runs.count * query.metrics.count, !since.isEmpty {
            throw refuse("since", "\(since.count) cursors", "one is needed for each of \(query.runs.count) runs × \(query.metrics.count) metrics")
        }
        for column in query.columns ?? [] where !BucketColumns.names.contains(column) {
            throw refuse("columns", column, "known are \(BucketColumns.names.joined(separator: ", "))")
        }
    }
}
