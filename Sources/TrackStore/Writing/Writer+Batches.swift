import GRDB
import TrackModel
import TrackSeries

extension Writer {
    /// Checks a batch against its run and writes it. What it refuses, it refuses before anything is written.
    func store(_ job: BatchJob, _ db: Database) throws -> BatchAcknowledgement {
        let state = try state(of: job.run, db), batch = numbered(job, state)
        guard try isNew(batch, state) else { return acknowledgement(batch, state, duplicate: true) }
        let extras = try checkedExtras(batch)
        let places = try places(of: batch, in: state, db)
        let id = nextBatch
        try BatchTable.insert(batch, id: id, run: state.row, db)
        nextBatch += 1
        take(batch, id: id, into: state, at: places)
        if let extras { try store(extras, of: batch, in: state, db) }
        note(batch, id: id, in: state, at: places, isRow: true)
        return acknowledgement(batch, state, duplicate: false)
    }

    /// The same without the tables, for a batch that brings nothing but points of series that are known.
    /// - Returns: `nil` if the tables are needed; nothing has happened then.
    func storeInJournal(_ job: BatchJob) throws -> BatchAcknowledgement? {
        guard !job.batch.hasExtras, let state = states[job.run], let places = knownPlaces(of: job.batch, in: state) else { return nil }
        let batch = numbered(job, state)
        guard try isNew(batch, state) else { return acknowledgement(batch, state, duplicate: true) }
        let id = nextBatch
        nextBatch += 1
        journal.add(batch, id: id, run: state.row, code: state.id)
        take(batch, id: id, into: state, at: places)
        note(batch, id: id, in: state, at: places, isRow: false)
        return acknowledgement(batch, state, duplicate: false)
    }

    /// - Returns: False for one that was stored before.
    /// - Throws: What the batch is refused for.
    private func isNew(_ batch: EncodedBatch, _ state: LiveRun) throws -> Bool {
        let highest = state.sequence(of: batch.writer)
        if batch.sequence <= highest { return false }
        guard batch.sequence == highest + 1 else {
            throw StoreError.sequenceGap(writer: batch.writer, expected: highest + 1, given: batch.sequence)
        }
        guard batch.attempt <= state.latestAttempt else {
            throw StoreError.unknownAttempt(batch.attempt, run: state.id, latest: state.latestAttempt)
        }
        return true
    }

    private func take(_ batch: EncodedBatch, id: Int64, into state: LiveRun, at places: [Int]) {
        if !state.isDirty { dirty.append(state) }
        state.summarise(batch, id: id, at: places)
    }

    private func numbered(_ job: BatchJob, _ state: LiveRun) -> EncodedBatch {
        let numbering = job.numbering, batch = job.batch
        if numbering.given, numbering.hasAttempt, !numbering.missingSteps { return batch }
        return batch.renumbered(
            attempt: numbering.hasAttempt ? batch.attempt : state.latestAttempt,
            sequence: numbering.given ? batch.sequence : state.sequence(of: batch.writer) + 1,
            firstStep: numbering.missingSteps ? state.lastStep.map { $0 &+ 1 } ?? 0 : nil)
    }

    private func acknowledgement(_ batch: EncodedBatch, _ state: LiveRun, duplicate: Bool) -> BatchAcknowledgement {
        BatchAcknowledgement(run: state.id, writer: batch.writer, sequence: batch.sequence, rows: batch.rowCount, points: batch.points, duplicate: duplicate,
                             commands: state.commands.orders, changes: state.commands.changes)
    }

    /// The places of the batch's columns in the run; `nil` if one of them is new.
    private func knownPlaces(of batch: EncodedBatch, in state: LiveRun) -> [Int]? {
        if let places = state.samePlaces(of: batch.columns) { return places }
        let known = state.places(of: batch.columns), places = known.compactMap(\.self)
        guard places.count == known.count else { return nil }
        state.remember(batch.columns, at: places)
        return places
    }

    /// The places of the batch's columns in the run, new metrics made.
    private func places(of batch: EncodedBatch, in state: LiveRun, _ db: Database) throws -> [Int] {
        if let places = knownPlaces(of: batch, in: state) { return places }
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

    private func note(_ batch: EncodedBatch, id: Int64, in state: LiveRun, at places: [Int], isRow: Bool) {
        group.entries.append((state.row, RunTail.Entry(id: id, rows: batch.rowCount, batch: batch, isRow: isRow)))
        if batch.rowCount > 0, hub.isHeard, state.grow(places) { group.grown.append(state.id) }
    }
}
