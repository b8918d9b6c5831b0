import TrackModel

/// A query for histograms, checked: nothing behind it checks again.
public struct HistogramsRequest: Sendable {
    /// Slices in one answer: with 512 bins each, about 80 MB in memory.
    public static let mostSlices = 10_000

    let query: HistogramsQuery
    let steps: ClosedRange<Int64>
    let limit: Int
    let mostRuns: Int
    /// Whether all steps are asked for.
    var isWhole: Bool { query.from == nil && query.to == nil }

    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)``
    init(_ query: HistogramsQuery) throws {
        func refuse(_ name: String, _ value: String, _ reason: String) -> StoreError { .invalidParameter(name: name, value: value, reason: reason) }
        self.query = query
        (limit, mostRuns) = (query.limit ?? 80, query.mostRuns ?? query.runs.count)
        if !(1...1_000).contains(query.runs.count) { throw refuse("runs", "\(query.runs.count) runs", "it is 1 … 1000") }
        if !(1...20).contains(query.names.count) { throw refuse("names", "\(query.names.count) names", "it is 1 … 20") }
        if !(1...1_000).contains(limit) { throw refuse("limit", "\(limit)", "it is 1 … 1000") }
        if !(1...1_000).contains(mostRuns) { throw refuse("mostRuns", "\(mostRuns)", "it is 1 … 1000") }
        let (from, to) = (query.from ?? .min, query.to ?? .max), most = min(mostRuns, query.runs.count) * query.names.count * limit
        if from > to { throw refuse("from", "\(from)", "it is greater than to, \(to)") }
        if most > Self.mostSlices { throw refuse("limit", "\(limit)", "with these runs and names it may come to \(most) slices, \(Self.mostSlices) are answered; ask for fewer, or set mostRuns") }
        steps = from...to
    }
}
