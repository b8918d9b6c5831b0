import GRDB
import TrackModel
import TrackSeries

/// What one run holds, as of one snapshot: its attempts, its series, and the batches that are not folded yet.
struct RunHistory {
    let id: RunID
    let row: Int64
    let startedMs: Int64
    let isRunning: Bool
    let foldedBatch: Int64
    /// The last batch that brought late or repeated steps.
    let disturbedBatch: Int64
    let attempts: [Attempt]
    /// Batches after `foldedBatch`, in the order of arrival.
    let tail: [RunTail.Entry]
    let limits: BatchLimits

    struct Attempt {
        let number: Int
        /// Points at this step and later are hidden by a later attempt.
        let hiddenFrom: Int64?
    }

    /// - Parameter tail: Taken before the snapshot was opened, so that no acknowledged batch is in neither.
    /// - Throws: ``StoreError/unknownRun(_:)``
    static func read(_ id: RunID, limits: BatchLimits, _ db: Database, tailsBefore: [Int64: [RunTail.Entry]]) throws -> RunHistory {
        let statement = try db.cachedStatement(sql: "SELECT id, started_ms, state, folded_batch, disturbed_batch FROM run WHERE code = :code")
        guard let row = try Row.fetchOne(statement, arguments: ["code": id.text]) else {
            throw StoreError.unknownRun(id.text)
        }
        let run: Int64 = row[0], folded: Int64 = row[3], isRunning = row[2] as String == "running"
        let attempts = try readAttempts(run, db)
        return RunHistory(
            id: id, row: run, startedMs: row[1], isRunning: isRunning, foldedBatch: folded, disturbedBatch: row[4],
            attempts: attempts, tail: (tailsBefore[run] ?? []).filter { $0.id > folded }, limits: limits)
    }

    static func readAttempts(_ run: Int64, _ db: Database) throws -> [Attempt] {
        let statement = try db.cachedStatement(sql: "SELECT number, resume_step FROM attempt WHERE run_id = :run ORDER BY number")
        let rows = try Row.fetchAll(statement, arguments: ["run": run])
        var hidden: Int64?
        var attempts: [Attempt] = []
        for row in rows.reversed() {
            attempts.append(Attempt(number: row[0], hiddenFrom: hidden))
            if let step: Int64 = row[1] { hidden = min(hidden ?? step, step) }
        }
        return attempts.reversed()
    }

    /// The points of a metric in batches that are not folded, for each attempt.
    func tailPoints(of metric: String, _ db: Database) throws -> [Int: SeriesPoints] {
        var points: [Int: SeriesPoints] = [:]
        for entry in tail {
            guard let batch = try readable(entry, metric, db),
                  let column = batch.columns.first(where: { $0.name == metric }) else { continue }
            points[batch.attempt, default: SeriesPoints()].append(column, of: batch)
        }
        return points.mapValues { points in
            var points = points
            points.settle()
            return points
        }
    }

    /// A batch that may hold a metric; `nil` if it is gone, or damaged and, by its names, of no concern to this metric.
    private func readable(_ entry: RunTail.Entry, _ metric: String, _ db: Database) throws -> EncodedBatch? {
        do {
            return try entry.batch ?? BatchTable.read(entry.id, db, limits: limits)
        } catch let error as StoreError {
            if try BatchTable.mayHold(metric, in: entry.id, db, limits: limits) { throw error }
            return nil
        }
    }

    /// The id of a metric of this run; `nil` if it was never logged.
    func metric(_ name: String, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: """
            SELECT metric.id
            FROM run JOIN metric_name ON metric_name.project_id = run.project_id AND metric_name.name = :name
                JOIN metric ON metric.run_id = run.id AND metric.name_id = metric_name.id
            WHERE run.id = :run
            """)
        return try Int64.fetchOne(statement, arguments: ["run": row, "name": name])
    }
}
