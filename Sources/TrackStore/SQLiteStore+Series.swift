import GRDB
public import TrackModel
public import TrackSeries

extension SQLiteStore {
    public func series(_ query: SeriesQuery) async throws -> SeriesAnswer {
        let request = try SeriesRequest(query)
        if query.since != nil { try await settleSummaries() }       // it must be known whether late steps came
        let rows = try await read { db in
            try query.runs.map { try Int64.fetchOne(db, sql: "SELECT id FROM run WHERE code = :code", arguments: ["code": $0.text]) }
        }
        // Taken before the snapshot: what is folded meanwhile is in the snapshot's chunks, what is not is here.
        let before = Dictionary(rows.compactMap { row in row.map { ($0, tails[$0]?.entries ?? []) } }) { first, _ in first }
        return try await read { [limits = options.limits, counters] db in
            try SeriesReader(request: request, limits: limits, tails: before, counters: counters).answer(db)
        }
    }

    public func seriesVersion(_ query: SeriesQuery) async throws -> String? {
        try await settleSummaries()
        return try await read { db in
            var versions: [String] = []
            for run in query.runs {
                guard let row = try Row.fetchOne(db, sql: "SELECT state, id, version FROM run WHERE code = :code", arguments: ["code": run.text]),
                      row[0] as String != "running" else { return nil }
                versions.append("\(row[1] as Int64).\(row[2] as Int64)")
            }
            let checksum = Checksum.crc32(Array((versions.joined(separator: ",") + JSONText.encode(query)).utf8))
            return String(checksum, radix: 16) + "-" + String(Checksum.crc32(Array(versions.joined().utf8)), radix: 16)
        }
    }
}
