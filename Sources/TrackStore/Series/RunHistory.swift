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

    /// The same run, as if it had only what is folded.
    var withoutTail: RunHistory {
        RunHistory(id: id, row: row, startedMs: startedMs, isRunning: isRunning, foldedBatch: foldedBatch, disturbedBatch: disturbedBatch,
                   attempts: attempts, tail: [], limits: limits)
    }

    struct Attempt {
        let number: Int
        let startedMs: Int64
        /// Points at this step and later are hidden by a later attempt.
        let hiddenFrom: Int64?
    }

    /// - Parameter tail: Taken before the snapshot was opened, so that no acknowledged batch is in neither.
    /// - Throws: ``StoreError/unknownRun(_:)``
    static func read(_ id: RunID, limits: BatchLimits, _ db: Database, tailsBefore: [Int64: [RunTail.Entry]]) throws -> RunHistory {
        let statement = try RawStatement(db, "SELECT id, started_ms, state = 'running', folded_batch, disturbed_batch FROM run WHERE code = ?1")
        statement.bind(id.text, at: 1)
        guard try statement.next() else { throw StoreError.unknownRun(id.text) }
        let run = statement.integer(0), folded = statement.integer(3)
        return RunHistory(
            id: id, row: run, startedMs: statement.integer(1), isRunning: statement.integer(2) != 0, foldedBatch: folded, disturbedBatch: statement.integer(4),
            attempts: try readAttempts(run, db), tail: (tailsBefore[run] ?? []).after(folded), limits: limits)
    }

    static func readAttempts(_ run: Int64, _ db: Database) throws -> [Attempt] {
        let statement = try RawStatement(db, "SELECT number, resume_step, started_ms FROM attempt WHERE run_id = ?1 ORDER BY number DESC")
        statement.bind(run)
        var hidden: Int64?, attempts: [Attempt] = []
        while try statement.next() {
            attempts.append(Attempt(number: Int(statement.integer(0)), startedMs: statement.integer(2), hiddenFrom: hidden))
            if let step = statement.integerOrNull(1) { hidden = min(hidden ?? step, step) }
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
        let statement = try RawStatement(db, """
            SELECT metric.id
            FROM run JOIN metric_name ON metric_name.project_id = run.project_id AND metric_name.name = ?2
                JOIN metric ON metric.run_id = run.id AND metric.name_id = metric_name.id
            WHERE run.id = ?1
            """)
        statement.bind(row)
        statement.bind(name, at: 2)
        return try statement.next() ? statement.integer(0) : nil
    }
}

extension [RunTail.Entry] {
    /// Those behind a batch; in most cases all. They are in the order of their ids.
    fileprivate func after(_ id: Int64) -> Self { first.map { $0.id > id } ?? true ? self : filter { $0.id > id } }
}
