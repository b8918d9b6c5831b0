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
            let rows = row[2] as Int?, points = row[3] as Int?
            state.add(RunWriter(name: row[0], sequence: UInt64(row[1] as Int64), counts: rows.flatMap { rows in points.map { (rows, $0) } }))
        }
        state.metrics = try MetricState.fetchAll(db, run: state.row)
        for (place, metric) in state.metrics.enumerated() { state.places[metric.name] = place }
        state.commands = try CommandTable.open(of: state.row, run: id, db)
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
        wereFlushed(dirty.count)
    }

    /// Writes some of what is due, those first that have waited longest. A few at a time: the summaries of a hundred busy runs would make
    /// every batch that comes meanwhile wait.
    func flushSome(_ db: Database, most: Int) throws {
        let now = ContinuousClock.now
        var next = 0, written = 0
        while next < dirty.count, written < most, isDue(dirty[next], at: now) {
            if dirty[next].isDirty { written += 1 }
            try flush(dirty[next], db)
            next += 1
        }
        wereFlushed(next)
    }

    private func wereFlushed(_ count: Int) {
        dirty.removeFirst(count)
        if dirty.isEmpty, states.count > 20_000 { states = [:] }
    }

    /// Whether a state in the list is to be written now, or was written elsewhere and only has to leave the list.
    func isDue(_ state: LiveRun, at now: ContinuousClock.Instant) -> Bool { !state.isDirty || state.dirtySince + Self.flushDelay <= now }

    /// How far the tables may be behind.
    static let flushDelay = Duration.milliseconds(500)

    func flush(_ state: LiveRun, _ db: Database) throws {
        if !state.isDirty { return }
        flushedInChange = true
        if state.needsSettling { try settle(state, db) }
        try db.cachedStatement(sql: """
            UPDATE run
            SET last_step = :step, row_count = :rows, point_count = :points, summarised_batch = :batch, disturbed_batch = :disturbed,
                heartbeat_ms = MAX(heartbeat_ms, :now),
                version = version + 1
            WHERE id = :run
            """).execute(arguments: [
                "step": state.lastStep, "rows": state.rows, "points": state.points, "batch": state.summarisedBatch, "disturbed": state.disturbedBatch,
                "now": milliseconds(), "run": state.row,
            ])
        try db.cachedStatement(sql: "UPDATE project SET activity_ms = MAX(activity_ms, :now) WHERE id = :project").execute(
            arguments: ["now": milliseconds(), "project": state.projectRow])
        try MetricState.update(&state.metrics, db)
        for writer in state.changedWriters {
            try db.cachedStatement(sql: """
                INSERT INTO writer (run_id, name, sequence, row_count, point_count)
                VALUES (:run, :name, :sequence, :rows, :points)
                ON CONFLICT DO UPDATE SET sequence = excluded.sequence, row_count = excluded.row_count, point_count = excluded.point_count
                """).execute(arguments: [
                    "run": state.row, "name": writer.name, "sequence": Int64(writer.sequence), "rows": writer.counts?.rows, "points": writer.counts?.points,
                ])
            writer.isChanged = false
        }
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
        try fetch(db, run: run, only: nil)
    }

    /// - Parameter names: `nil` for all; others are passed over before they are looked at.
    static func fetch(_ db: Database, run: Int64, only names: Set<String>?) throws -> [MetricState] {
        let statement = try RawStatement(db, """
            SELECT metric.id, metric_name.name, count, nan, positive_infinity, negative_infinity, first_step, last_step, last_attempt, last, min, max, sum
            FROM metric JOIN metric_name ON metric_name.id = name_id
            WHERE run_id = ?1
            ORDER BY metric.id
            """)
        statement.bind(run)
        var metrics: [MetricState] = []
        while try statement.next() {
            let name = statement.text(1)
            if names?.contains(name) ?? true { metrics.append(MetricState(named: name, statement)) }
        }
        return metrics
    }

    private init(named name: String, _ row: borrowing RawStatement) {
        self.init(id: row.integer(0), name: name)
        (count, nan) = (Int(row.integer(2)), Int(row.integer(3)))
        (positiveInfinity, negativeInfinity) = (Int(row.integer(4)), Int(row.integer(5)))
        if count > 0 { (firstStep, lastStep) = (row.integer(6), row.integer(7)) }
        lastAttempt = Int(row.integer(8))
        (last, min, max, sum) = (row.number(9), row.number(10), row.number(11), row.number(12))
    }

    /// Writes those that differ from their rows.
    static func update(_ metrics: inout [MetricState], _ db: Database) throws {
        let statement = try RawStatement(db, """
            UPDATE metric
            SET count = ?1, nan = ?2, positive_infinity = ?3, negative_infinity = ?4, first_step = ?5, last_step = ?6, last_attempt = ?7,
                last = ?9, min = ?10, max = ?11, sum = ?12
            WHERE id = ?8
            """)
        for place in metrics.indices where metrics[place].isDirty {
            let metric = metrics[place], none = metric.count == 0
            statement.bind(Int64(metric.count), Int64(metric.nan), Int64(metric.positiveInfinity), Int64(metric.negativeInfinity),
                           none ? 0 : metric.firstStep, none ? 0 : metric.lastStep, Int64(metric.lastAttempt), metric.id)
            for (place, value) in [metric.last, metric.min, metric.max, metric.sum].enumerated() { statement.bind(value, at: Int32(9 + place)) }
            try statement.run()
            metrics[place].isDirty = false
        }
    }
}
