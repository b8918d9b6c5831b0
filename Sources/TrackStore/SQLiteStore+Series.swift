import GRDB
public import TrackModel
public import TrackSeries

extension SQLiteStore {
    public func series(_ query: SeriesQuery) async throws -> SeriesAnswer {
        let request = try SeriesRequest(query)
        let rows = try await read { db in
            try query.runs.map { try Int64.fetchOne(db, sql: "SELECT id FROM run WHERE code = :code", arguments: ["code": $0.text]) }
        }
        // Taken before the snapshot: what is folded meanwhile is in the snapshot's chunks, what is not is here.
        let before = Dictionary(rows.compactMap { row in row.map { ($0, tails[$0]?.entries ?? []) } }) { first, _ in first }
        return try await read { [limits = options.limits] db in
            try SeriesReader(request: request, limits: limits, tails: before).answer(db)
        }
    }
}
