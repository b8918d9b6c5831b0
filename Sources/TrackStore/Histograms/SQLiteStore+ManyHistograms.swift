import Foundation
import GRDB
public import TrackModel
import TrackSeries

extension SQLiteStore {
    public func histogramNames(project: String, runs: [RunID]?, filter: String?) async throws -> [HistogramNameRecord] {
        try await read { db in
            let project = try ProjectRows.id(of: project, db)
            let (wanted, arguments) = try MetricList(project: project, runs: runs, filter: filter).wanted(db)
            return try Row.fetchAll(db, sql: """
                SELECT histogram_series.name, COUNT(*), MAX(histogram_series.last_step), MAX(last_us)
                FROM run JOIN histogram_series ON run_id = run.id
                WHERE project_id = :project AND \(wanted)
                GROUP BY histogram_series.name
                ORDER BY histogram_series.name
                """, arguments: StatementArguments(["project": project]).appending(arguments))
                .map { HistogramNameRecord(name: $0[0], runs: $0[1], lastStep: $0[2], lastSeenAt: ($0[3] as Int64) / 1_000) }
        }
    }

    public func histograms(_ query: HistogramsQuery) async throws -> HistogramsAnswer {
        let request = try HistogramsRequest(query)
        return try await read { db in
            var answer = HistogramsAnswer(histograms: [], names: [])
            for name in query.names {
                let found = try LoggedHistogram.all(name, of: query.runs, db)
                answer.names.append(.init(name: name, runs: found.count))
                for histogram in found.prefix(request.mostRuns) {
                    answer.histograms.append(.init(run: histogram.run, name: name, slices: try histogram.slices(request, db), total: histogram.steps))
                }
            }
            return answer
        }
    }
}

/// One name of one run, as the catalogue has it.
private struct LoggedHistogram {
    let run: RunID
    let row: Int64
    let name: String
    let steps: Int

    /// The runs that logged the name, in their order.
    static func all(_ name: String, of runs: [RunID], _ db: Database) throws -> [LoggedHistogram] {
        let statement = try RawStatement(db, "SELECT run.id, steps FROM run JOIN histogram_series ON run_id = run.id WHERE code = ?1 AND histogram_series.name = ?2")
        return try runs.compactMap { run in
            defer { statement.reset() }
            statement.bind(run.text, at: 1)
            statement.bind(name, at: 2)
            return try statement.next() ? LoggedHistogram(run: run, row: statement.integer(0), name: name, steps: Int(statement.integer(1))) : nil
        }
    }

    func slices(_ request: HistogramsRequest, _ db: Database) throws -> [HistogramRecord] {
        if steps > request.limit, request.isWhole { return decoded(try evenly(request, db)) }
        let rows = try rows(in: request.steps, most: request.limit + 1, db)
        return decoded(rows.count > request.limit ? try evenly(request, db) : rows)
    }

    /// As many as are asked for, at even distances of steps: each is looked for, none is read beside them.
    private func evenly(_ request: HistogramsRequest, _ db: Database) throws -> [Row] {
        guard let last = try rows(in: request.steps, most: 1, descending: true, db).first else { return [] }
        guard request.limit > 1, let first = try rows(in: request.steps, most: 1, db).first else { return [last] }
        let end: Int64 = last[0], begin: Int64 = first[0]
        var found = [first]
        for part in 1..<request.limit - 1 {
            let step = Self.step(part, of: request.limit - 1, from: begin, to: end)
            if step > found.last![0] as Int64 { found += try rows(in: step...end, most: 1, db) }
        }
        return found.last![0] as Int64 == end ? found : found + [last]
    }

    /// Where a part begins of so many between two steps.
    private static func step(_ part: Int, of parts: Int, from first: Int64, to last: Int64) -> Int64 {
        let distance = UInt64(bitPattern: last &- first).multipliedFullWidth(by: UInt64(part))
        return first &+ Int64(bitPattern: UInt64(parts).dividingFullWidth(distance).quotient)
    }

    private func rows(in steps: ClosedRange<Int64>, most: Int, descending: Bool = false, _ db: Database) throws -> [Row] {
        try Row.fetchAll(db.cachedStatement(sql: """
            SELECT step, MAX(attempt), time_us, bins
            FROM histogram
            WHERE run_id = :run AND name = :name AND step BETWEEN :from AND :to AND \(HistogramSeries.visible)
            GROUP BY step
            ORDER BY step \(descending ? "DESC" : "ASC")
            LIMIT :most
            """), arguments: ["run": row, "name": name, "from": steps.lowerBound, "to": steps.upperBound, "most": most])
    }

    /// Without what is damaged.
    private func decoded(_ rows: [Row]) -> [HistogramRecord] {
        rows.compactMap { HistogramCodec.decode($0[3] as Data, name: name, step: $0[0], time: $0[2]) }
    }
}
