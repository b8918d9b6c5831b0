import GRDB
import TrackModel

extension Writer {
    /// Creates a run, or takes one up again.
    func makeRun(_ request: CreateRunRequest, _ db: Database) throws -> CreateRunResponse {
        guard let id = request.id, let row = try Row.fetchOne(db, sql: """
            SELECT run.id, project.name FROM run JOIN project ON project.id = project_id WHERE code = :code
            """, arguments: ["code": id.text]) else {
            if request.resume == .must { throw StoreError.unknownRun(request.id?.text ?? "") }
            return try createRun(request, db)
        }
        guard try row[1] as String == request.project || hasLeft(request.project, row[0], db) else {
            throw StoreError.invalidParameter(name: "project", value: request.project, reason: "run \(id) belongs to project \"\(row[1] as String)\"")
        }
        if let key = request.idempotencyKey, let number = try Int.fetchOne(db, sql: """
            SELECT number FROM attempt WHERE run_id = :run AND idempotency_key = :key
            """, arguments: ["run": row[0] as Int64, "key": key]) {
            return try response(id, attempt: number, db)
        }
        guard request.resume == .allow || request.resume == .must else { throw StoreError.runExists(id) }
        return try resumeRun(id, row[0], request, db)
    }

    private func createRun(_ request: CreateRunRequest, _ db: Database) throws -> CreateRunResponse {
        let id = request.id ?? RunID(), now = milliseconds()
        let project = try ProjectRows.make(request.project, description: nil, db)
        try db.execute(sql: "UPDATE project SET runs_made = runs_made + 1, activity_ms = MAX(activity_ms, :now) WHERE id = :id", arguments: ["now": now, "id": project])
        let number = try Int.fetchOne(db, sql: "SELECT runs_made FROM project WHERE id = :id", arguments: ["id": project])!
        try db.execute(sql: """
            INSERT INTO run (code, project_id, name, state, group_name, job_type, notes, color, number, parent, created_ms, started_ms, heartbeat_ms,
                summarised_batch, folded_batch)
            VALUES (:code, :project, :name, 'running', :group, :job, :notes, :color, :number, :parent, :now, :started, :now, :before, :before)
            """, arguments: [
                "code": id.text, "project": project, "name": request.name ?? RunNames.make(number: number), "group": request.group,
                "job": request.jobType, "notes": request.notes, "color": number - 1, "number": number, "parent": request.parent?.text,
                "now": now, "started": request.startedAt ?? now,
                "before": nextBatch - 1,        // what the journal has of a deleted run whose id and row this one takes is none of its own
            ])
        let run = db.lastInsertedRowID
        try addAttempt(1, to: run, request, db)
        if let tags = request.tags { try setTags(tags, of: run, db) }
        if let config = request.config { try merge(config, .config, into: run, project: project, db) }
        return try response(id, attempt: 1, db)
    }

    private func resumeRun(_ id: RunID, _ run: Int64, _ request: CreateRunRequest, _ db: Database) throws -> CreateRunResponse {
        try release(id, db)
        let number = 1 + (try Int.fetchOne(db, sql: "SELECT MAX(number) FROM attempt WHERE run_id = :run", arguments: ["run": run]) ?? 0)
        if let step = request.resumeStep { try HistogramSeries.hide(from: step, run: run, db) }
        try addAttempt(number, to: run, request, db)
        try db.execute(sql: """
            UPDATE run
            SET state = 'running', finished_ms = NULL, exit_code = NULL, listens = NULL, declared = NULL, heartbeat_ms = :now, group_name = COALESCE(:group, group_name),
                job_type = COALESCE(:job, job_type), notes = COALESCE(:notes, notes), name = COALESCE(:name, name), version = version + 1
            WHERE id = :run
            """, arguments: ["now": milliseconds(), "group": request.group, "job": request.jobType, "notes": request.notes, "name": request.name, "run": run])
        if let tags = request.tags { try setTags(tags, of: run, db) }
        let state = try state(of: id, db)
        try expireCommands(of: state, db)
        group.afterCommit.append { [tails] in tails[run]?.markEnded(false) }
        if let config = request.config { try merge(config, .config, into: run, project: state.projectRow, db) }
        if let step = request.resumeStep, let last = state.lastStep, step <= last {
            state.needsSettling = true
            state.disturbedBatch = max(state.disturbedBatch, state.summarisedBatch + 1)     // what was drawn before is no longer shown
            state.isDirty = true
            try flush(state, db)
        }
        return try response(id, attempt: number, db)
    }

    private func addAttempt(_ number: Int, to run: Int64, _ request: CreateRunRequest, _ db: Database) throws {
        try db.execute(sql: """
            INSERT INTO attempt (run_id, number, started_ms, resume_step, host, idempotency_key, environment)
            VALUES (:run, :number, :now, :step, :host, :key, :environment)
            """, arguments: ["run": run, "number": number, "now": request.startedAt ?? milliseconds(), "step": number == 1 ? nil : request.resumeStep,
                             "host": request.host, "key": request.idempotencyKey, "environment": try environment(request)])
    }

    private func environment(_ request: CreateRunRequest) throws -> String? {
        guard let value = request.environment else { return nil }
        if value.depth > options.limits.nesting { throw StoreError.nestingTooDeep(given: value.depth, limit: options.limits.nesting) }
        guard case .object = value else { throw StoreError.invalidParameter(name: "environment", value: "", reason: "an object of names and values is needed") }
        return JSONText.encode(value)
    }

    private func response(_ id: RunID, attempt: Int, _ db: Database) throws -> CreateRunResponse {
        let record = try RunRecords(withAttempts: true).fetch(id, db)
        try tellOf(id, db)
        return CreateRunResponse(run: record, attempt: attempt, resumed: attempt > 1, nextStep: record.lastStep.map { $0 &+ 1 } ?? 0)
    }

    func updateRun(_ id: RunID, _ request: UpdateRunRequest, _ db: Database) throws -> RunRecord {
        try change(id, request, db)
        return try RunRecords(withAttempts: true).fetch(id, db)
    }

    /// Changes what is given, and tells it to everybody. A run that nobody writes needs no state for it.
    func change(_ id: RunID, _ request: UpdateRunRequest, _ db: Database) throws {
        guard let row = try RunRecords.row(of: id, db) else { throw StoreError.unknownRun(id.text) }
        let left = try request.project.flatMap { try move(id, row, to: $0, db) }
        try db.execute(sql: """
            UPDATE run
            SET name = COALESCE(:name, name), notes = COALESCE(:notes, notes), group_name = COALESCE(:group, group_name),
                color = COALESCE(:color, color), version = version + 1
            WHERE id = :run
            """, arguments: ["name": request.name, "notes": request.notes, "group": request.group, "color": request.color, "run": row])
        if let tags = request.tags { try setTags(tags, of: row, db) }
        try putAway(row, request, db)
        if let left { group.changes.append(.deleted(project: left, run: id)) }
        try tellOf(id, db)
    }

    func finishRun(_ id: RunID, _ request: FinishRunRequest, _ db: Database) throws -> RunRecord {
        let state = try state(of: id, db)
        try db.execute(sql: """
            UPDATE run
            SET state = :state, finished_ms = :now, listens = NULL, declared = NULL, heartbeat_ms = MAX(heartbeat_ms, :now), exit_code = :code, report = COALESCE(:report, report),
                version = version + 1
            WHERE id = :run
            """, arguments: ["state": request.state.rawValue, "now": milliseconds(), "code": request.exitCode,
                             "report": request.writer == nil ? request.report.map(JSONText.encode) : nil, "run": state.row])
        try expireCommands(of: state, db)
        if let writer = request.writer, let receipt = request.report { try Receipts.keep(receipt, of: writer, run: state.row, db) }
        group.afterCommit.append { [self] in
            tails[state.row]?.markEnded(true)
            isFoldDue = true
        }
        try tellOf(id, db)
        return try RunRecords(withAttempts: true).fetch(id, db)
    }

    /// Tells everybody of a run as it is now. What its tables do not show yet is written before: they must not hear of fewer points than they have heard of already.
    /// - Returns: The run without config, summary and attempts.
    @discardableResult
    func tellOf(_ id: RunID, _ db: Database) throws -> RunRecord {
        if let state = states[id] { try flush(state, db) }
        let record = try RunRecords(isBrief: true).fetch(id, db)
        group.changes.append(.run(record))
        return record
    }

    private func setTags(_ tags: [String], of run: Int64, _ db: Database) throws {
        var seen = Set<String>()
        let tags = tags.filter { seen.insert($0).inserted }
        for tag in tags { try NameRules.check(tag, kind: "Tag") }
        try db.execute(sql: "UPDATE run SET tags = :tags WHERE id = :run", arguments: ["tags": JSONText.encode(tags), "run": run])
        try db.execute(sql: "DELETE FROM run_tag WHERE run_id = :run", arguments: ["run": run])
        for tag in tags { try db.execute(sql: "INSERT INTO run_tag (run_id, tag) VALUES (:run, :tag)", arguments: ["run": run, "tag": tag]) }
    }
}
