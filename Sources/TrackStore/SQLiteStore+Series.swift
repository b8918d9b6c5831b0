import GRDB
public import TrackModel
public import TrackSeries

extension SQLiteStore {
    public func series(_ query: SeriesQuery) async throws -> SeriesAnswer {
        let request = try SeriesRequest(query)
        if query.since != nil { try await settleSummaries() }       // it must be known whether late steps came
        let before = try await tails(of: query.runs)
        let reader = SeriesReader(request: request, limits: options.limits, tails: before, counters: counters, cache: records)
        let parts = parts(of: request)
        if parts.count == 1 { return try await read { db in try reader.answer(parts[0], db) } }
        return try await withThrowingTaskGroup(of: (place: Int, answer: SeriesAnswer).self) { group in
            for (place, part) in parts.enumerated() { group.addTask { (place, try await self.read { db in try reader.answer(part, db) }) } }
            let answers = try await group.reduce(into: []) { $0.append($1) }.sorted { $0.place < $1.place }.map(\.answer)
            return answers.dropFirst().reduce(into: answers[0]) { whole, next in
                whole.series += next.series
                whole.missing += next.missing
            }
        }
    }

    /// What is not folded of these runs, to be taken before a snapshot is opened: what is folded meanwhile is in the snapshot's chunks, what is not is here.
    func tails(of runs: [RunID]) async throws -> [Int64: [RunTail.Entry]] {
        let rows = try await read { db in
            let statement = try RawStatement(db, "SELECT id FROM run WHERE code = ?1")
            return try runs.map { run -> Int64? in
                defer { statement.reset() }
                statement.bind(run.text, at: 1)
                return try statement.next() ? statement.integer(0) : nil
            }
        }
        return Dictionary(rows.compactMap { row in row.map { ($0, tails[$0]?.entries ?? []) } }) { first, _ in first }
    }

    /// Many curves are read by several connections at once: each curve is of one moment, as one that was asked for alone.
    private func parts(of request: SeriesRequest) -> [Range<Int>] {
        let runs = request.query.runs.count, parts = max(1, options.readers / 2)
        if request.query.group != nil || runs < 2 * parts || runs * request.query.metrics.count < 8 * parts { return [0..<runs] }
        return (0..<parts).map { runs * $0 / parts ..< runs * ($0 + 1) / parts }
    }

    public func seriesVersion(_ query: SeriesQuery) async throws -> String? {
        try await settleSummaries()
        return try await read { db in
            let statement = try RawStatement(db, "SELECT id, version FROM run WHERE code = ?1 AND state <> 'running'")
            var versions: [String] = []
            for run in query.runs {
                defer { statement.reset() }
                statement.bind(run.text, at: 1)
                guard try statement.next() else { return nil }
                versions.append("\(statement.integer(0)).\(statement.integer(1))")
            }
            let checksum = Checksum.crc32(Array((versions.joined(separator: ",") + JSONText.encode(query)).utf8))
            return String(checksum, radix: 16) + "-" + String(Checksum.crc32(Array(versions.joined().utf8)), radix: 16)
        }
    }
}
