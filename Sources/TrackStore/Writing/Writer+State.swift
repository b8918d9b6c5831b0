import Foundation
import GRDB
import TrackModel
import TrackSeries

extension Writer {
    /// The run's state, read from its tables if it is not at hand.
    /// - Throws: ``StoreError/unknownRun(_:)``
    func state(of id: RunID, _ db: Database) throws -> LiveRun {
        if let state = states[id] { return state }
        let state = try readState(of: id, db)
        states[id] = state
        if state.isDirty { dirty.append(state) }
        return state
    }

    private func readState(of id: RunID, _ db: Database) throws -> LiveRun {
        guard let run = try Row.fetchOne(db, sql: """
            SELECT run.id, project_id, project.name, last_step, row_count, point_count, log_lines, summarised_batch, disturbed_batch,
                (SELECT MAX(number) FROM attempt WHERE run_id = run.id) AS attempt
            FROM run JOIN project ON project.id = project_id
            WHERE code = :code
            """, arguments: ["code": id.text]) else { throw StoreError.unknownRun(id.text) }
        let state = LiveRun(row: run[0], id: id, projectRow: run[1], project: run[2])
        (state.lastStep, state.rows, state.points) = (run["last_step"], run["row_count"], run["point_count"])
        state.disturbedBatch = run["disturbed_batch"]
        (state.logLines, state.summarisedBatch, state.latestAttempt) = (run["log_lines"], run["summarised_batch"], run["attempt"] ?? 1)
        for row in try Row.fetchAll(db, sql: "SELECT name, sequence, row_count, point_count FROM writer WHERE run_id = :run", arguments: ["run": state.row]) {
            state.writers[row[0]] = UInt64(row[1] as Int64)
            if let rows = row[2] as Int?, let points = row[3] as Int? { state.counts[row[0]] = (rows, points) }
        }
        state.metrics = try MetricState.fetchAll(db, run: state.row)
        for (place, metric) in state.metrics.enumerated() { state.places[metric.name] = place }
        try replay(into: state, db)
        return state
    }

    /// Takes batches into the summaries that came after the tables were last written: after a crash, or a failed group.
    private func replay(into state: LiveRun, _ db: Database) throws {
        let pending = group.entries.lazy.filter { $0.row == state.row }.map(\.entry)
        for entry in (tails[state.row]?.entries ?? []) + pending where entry.id > state.summarisedBatch {
            guard let batch = try entry.batch ?? readBatch(entry.id, of: state, db) else { continue }
            let places = try batch.columns.map { column in
                guard let place = state.places[column.name] else { throw StoreError.damaged("batch \(entry.id) names a metric that the run does not have") }
                return place
            }
            state.summarise(batch, id: entry.id, at: places)
        }
    }

    /// A batch from its table; `nil` if it is gone or damaged. A damaged one is passed over, its number kept: its writer can go on.
    private func readBatch(_ id: Int64, of state: LiveRun, _ db: Database) throws -> EncodedBatch? {
        do {
            return try BatchTable.read(id, db, limits: options.limits)
        } catch StoreError.damaged {
            counters.update { $0.damagedBlobs += 1 }
            guard let (name, sequence) = try BatchTable.writer(of: id, db) else { return nil }
            state.passOver(id, writer: name, sequence: sequence)
            return nil
        }
    }

    /// Writes what the tables do not show yet.
    func flushAll(_ db: Database) throws {
        for state in dirty { try flush(state, db) }
        dirty = []
        if states.count > 20_000 { states = [:] }
    }

    func flush(_ state: LiveRun, _ db: Database) throws {
        if !state.isDirty { return }
        flushedInChange = true
        if state.needsSettling { try settle(state, db) }
        try db.execute(sql: """
            UPDATE run
            SET last_step = :step, row_count = :rows, point_count = :points, summarised_batch = :batch, disturbed_batch = :disturbed,
                heartbeat_ms = MAX(heartbeat_ms, :now),
                version = version + 1
            WHERE id = :run
            """, arguments: ["step": state.lastStep, "rows": state.rows, "points": state.points, "batch": state.summarisedBatch, "disturbed": state.disturbedBatch,
                             "now": milliseconds(), "run": state.row])
        try db.execute(sql: "UPDATE project SET activity_ms = MAX(activity_ms, :now) WHERE id = :project",
                       arguments: ["now": milliseconds(), "project": state.projectRow])
        for place in state.metrics.indices where state.metrics[place].isDirty {
            try state.metrics[place].update(db)
            state.metrics[place].isDirty = false
        }
        for writer in state.changedWriters {
            try db.execute(sql: """
                INSERT INTO writer (run_id, name, sequence, row_count, point_count)
                VALUES (:run, :name, :sequence, :rows, :points)
                ON CONFLICT DO UPDATE SET sequence = excluded.sequence, row_count = excluded.row_count, point_count = excluded.point_count
                """, arguments: ["run": state.row, "name": writer, "sequence": Int64(state.writers[writer]!), "rows": state.counts[writer]?.rows,
                                 "points": state.counts[writer]?.points])
        }
        state.changedWriters = []
        state.isDirty = false
    }

    /// Writes a run's state and forgets it: whoever changes the run's tables calls this before.
    func release(_ id: RunID, _ db: Database) throws {
        guard let state = states[id] else { return }
        try flush(state, db)
        states[id] = nil
    }
}

extension MetricState {
    static func fetchAll(_ db: Database, run: Int64) throws -> [MetricState] {
        try Row.fetchAll(db, sql: """
            SELECT metric.id, metric_name.name, last, min, max, sum, count, nan, positive_infinity, negative_infinity, first_step, last_step, last_attempt
            FROM metric JOIN metric_name ON metric_name.id = name_id
            WHERE run_id = :run
            ORDER BY metric.id
            """, arguments: ["run": run]).map(MetricState.init(row:))
    }

    init(row: Row) {
        self.init(id: row[0], name: row[1])
        (last, min, max, sum) = (row[2] ?? .nan, row[3] ?? .nan, row[4] ?? .nan, row[5])
        (count, nan, positiveInfinity, negativeInfinity) = (row[6], row[7], row[8], row[9])
        (firstStep, lastStep, lastAttempt) = (count == 0 ? .max : row[10], count == 0 ? .min : row[11], row[12])
    }

    func update(_ db: Database) throws {
        try db.cachedStatement(sql: """
            UPDATE metric
            SET last = :last, min = :min, max = :max, sum = :sum, count = :count, nan = :nan, positive_infinity = :positive,
                negative_infinity = :negative, first_step = :first, last_step = :step, last_attempt = :attempt
            WHERE id = :id
            """).execute(arguments: [
                "last": last, "min": min, "max": max, "sum": sum, "count": count, "nan": nan, "positive": positiveInfinity,
                "negative": negativeInfinity, "first": count == 0 ? 0 : firstStep, "step": count == 0 ? 0 : lastStep, "attempt": lastAttempt, "id": id,
            ])
    }
}
