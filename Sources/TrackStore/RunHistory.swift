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
        guard let row = try Row.fetchOne(db, sql: "SELECT id, started_ms, state, folded_batch FROM run WHERE code = :code", arguments: ["code": id.text]) else {
            throw StoreError.unknownRun(id.text)
        }
        let run: Int64 = row[0], folded: Int64 = row[3], isRunning = row[2] as String == "running"
        let attempts = try readAttempts(run, db)
        return RunHistory(
            id: id, row: run, startedMs: row[1], isRunning: isRunning, foldedBatch: folded,
            attempts: attempts, tail: (tailsBefore[run] ?? []).filter { $0.id > folded }, limits: limits)
    }

    static func readAttempts(_ run: Int64, _ db: Database) throws -> [Attempt] {
        let rows = try Row.fetchAll(db, sql: "SELECT number, resume_step FROM attempt WHERE run_id = :run ORDER BY number", arguments: ["run": run])
        var hidden: Int64?
        var attempts: [Attempt] = []
        for row in rows.reversed() {
            attempts.append(Attempt(number: row[0], hiddenFrom: hidden))
            if let step: Int64 = row[1] { hidden = min(hidden ?? step, step) }
        }
        return attempts.reversed()
    }

    /// The points of a metric that an attempt logged in batches that are not folded.
    func tailPoints(of metric: String, attempt: Int, _ db: Database) throws -> SeriesPoints {
        var points = SeriesPoints()
        for entry in tail {
            guard let batch = try entry.batch ?? BatchTable.read(entry.id, db, limits: limits), batch.attempt == attempt else { continue }
            if let column = batch.columns.first(where: { $0.name == metric }) { points.append(column, of: batch) }
        }
        points.settle()
        return points
    }
}
