import GRDB
import GRDBSQLite
import TrackModel
import TrackSeries

extension Writer {
    /// Checks a batch against its run and writes it. What it refuses, it refuses before anything is written.
    func store(_ job: BatchJob, _ db: Database) throws -> BatchAcknowledgement {
        let state = try state(of: job.run, db)
        let batch = numbered(job, state)
        let highest = state.writers[batch.writer] ?? 0
        if batch.sequence <= highest { return acknowledgement(batch, state, duplicate: true) }
        guard batch.sequence == highest + 1 else {
            throw StoreError.sequenceGap(writer: batch.writer, expected: highest + 1, given: batch.sequence)
        }
        guard batch.attempt <= state.latestAttempt else {
            throw StoreError.unknownAttempt(batch.attempt, run: job.run, latest: state.latestAttempt)
        }
        let extras = try checkedExtras(batch)
        let places = try places(of: batch, in: state, db)
        let id = nextBatch
        try insert(batch, id: id, into: state, db)
        nextBatch += 1
        if !state.isDirty { dirty.append(state) }
        state.summarise(batch, id: id, at: places)
        if let extras { try store(extras, of: batch, in: state, db) }
        note(batch, id: id, in: state, at: places)
        return acknowledgement(batch, state, duplicate: false)
    }

    private func numbered(_ job: BatchJob, _ state: LiveRun) -> EncodedBatch {
        let numbering = job.numbering, batch = job.batch
        if numbering.given, numbering.hasAttempt, !numbering.missingSteps { return batch }
        return batch.renumbered(
            attempt: numbering.hasAttempt ? batch.attempt : state.latestAttempt,
            sequence: numbering.given ? batch.sequence : (state.writers[batch.writer] ?? 0) + 1,
            firstStep: numbering.missingSteps ? state.lastStep.map { $0 &+ 1 } ?? 0 : nil)
    }

    private func acknowledgement(_ batch: EncodedBatch, _ state: LiveRun, duplicate: Bool) -> BatchAcknowledgement {
        BatchAcknowledgement(run: state.id, writer: batch.writer, sequence: batch.sequence, rows: batch.rowCount, points: batch.points, duplicate: duplicate,
                             commands: state.commands.orders, changes: state.commands.changes)
    }

    /// The places of the batch's columns in the run, new metrics made.
    private func places(of batch: EncodedBatch, in state: LiveRun, _ db: Database) throws -> [Int] {
        if let places = state.samePlaces(of: batch.columns) { return places }
        let known = state.places(of: batch.columns)
        let new = known.count { $0 == nil }
        guard new == 0 || state.metrics.count + new <= options.limits.metricsPerRun else {
            throw StoreError.tooManyMetrics(given: state.metrics.count + new, limit: options.limits.metricsPerRun)
        }
        let places = try zip(batch.columns, known).map { column, place in try place ?? makeMetric(column.name, in: state, db) }
        state.remember(batch.columns, at: places)
        return places
    }

    private func makeMetric(_ name: String, in state: LiveRun, _ db: Database) throws -> Int {
        try db.execute(sql: "INSERT INTO metric_name (project_id, name) VALUES (:project, :name) ON CONFLICT DO NOTHING",
                       arguments: ["project": state.projectRow, "name": name])
        try db.execute(sql: """
            INSERT INTO metric (run_id, name_id)
            SELECT :run, id
            FROM metric_name
            WHERE project_id = :project AND name = :name
            """, arguments: ["run": state.row, "project": state.projectRow, "name": name])
        state.places[name] = state.metrics.count
        state.metrics.append(MetricState(id: db.lastInsertedRowID, name: name))
        return state.metrics.count - 1
    }

    /// One row, by the C interface: this is the statement that sets the rate of ingest.
    private func insert(_ batch: EncodedBatch, id: Int64, into state: LiveRun, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: """
            INSERT INTO batch (id, run_id, attempt, writer, sequence, row_count, point_count, checksum, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """).sqliteStatement
        var writer = batch.writer
        let result = batch.bytes.withUnsafeBytes { bytes in
            writer.withUTF8 { name in
                sqlite3_bind_int64(statement, 1, id)
                sqlite3_bind_int64(statement, 2, state.row)
                sqlite3_bind_int64(statement, 3, Int64(batch.attempt))
                name.withMemoryRebound(to: CChar.self) { _ = sqlite3_bind_text(statement, 4, $0.baseAddress, Int32($0.count), nil) }
                sqlite3_bind_int64(statement, 5, Int64(batch.sequence))
                sqlite3_bind_int64(statement, 6, Int64(batch.rowCount))
                sqlite3_bind_int64(statement, 7, Int64(batch.points))
                sqlite3_bind_int64(statement, 8, Int64(Checksum.crc32(bytes)))
                sqlite3_bind_blob64(statement, 9, bytes.baseAddress, UInt64(bytes.count), nil)
                let result = sqlite3_step(statement)
                sqlite3_reset(statement)
                sqlite3_clear_bindings(statement)       // the batch's memory is not ours after this
                return result
            }
        }
        guard result == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: result)) }
    }

    private func note(_ batch: EncodedBatch, id: Int64, in state: LiveRun, at places: [Int]) {
        group.entries.append((state.row, RunTail.Entry(id: id, rows: batch.rowCount, batch: batch)))
        if batch.rowCount > 0, hub.isHeard, state.grow(places) { group.grown.append(state.id) }
    }
}
