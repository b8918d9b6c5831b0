import GRDB
public import TrackModel

extension SQLiteStore {
    public func run(_ id: RunID) async throws -> RunRecord {
        try await settleSummaries()
        let record = try await read { db in try RunRecords(withAttempts: true).fetch(id, db) }
        return record.attempts?.count ?? 0 < 2 ? record : try await withRunningTimes(record)
    }

    /// A resumed run, whose attempts tell where they begin on the running-time axis.
    private func withRunningTimes(_ record: RunRecord) async throws -> RunRecord {
        let before = try await tails(of: [record.id]), limits = options.limits
        let origins = try await read { db in
            try? TimeOrigins(.running, RunHistory.read(record.id, limits: limits, db, tailsBefore: before), db)     // damage stays with the curves that have it
        }
        guard let origins else { return record }
        var run = record
        run.attempts = run.attempts?.map { attempt in
            var attempt = attempt
            if attempt.number > 1 { attempt.ranBefore = attempt.startedAt - origins[attempt.number] / 1_000 }
            return attempt
        }
        return run
    }

    public func makeRun(_ request: CreateRunRequest) async throws -> CreateRunResponse {
        try NameRules.check(request.project, kind: "Project")
        if let name = request.name { try NameRules.check(name, kind: "Run name") }
        try checkConfig(request.config)
        return try await write { writer, db in try writer.makeRun(request, db) }
    }

    public func updateRun(_ id: RunID, _ request: UpdateRunRequest) async throws -> RunRecord {
        try check(request)
        return try await write { writer, db in try writer.updateRun(id, request, db) }
    }

    public func updateRuns(_ ids: [RunID], _ request: UpdateRunRequest) async throws -> UpdateRunsResponse {
        try check(request)
        var changed = 0, unknown: [RunID] = []
        for portion in try portions(of: ids) {
            let missing = try await write { writer, db in
                try portion.filter { id in
                    do { try writer.change(id, request, db); return false } catch StoreError.unknownRun { return true }
                }
            }
            changed += portion.count - missing.count
            unknown += missing
        }
        return UpdateRunsResponse(changed: changed, unknown: unknown)
    }

    /// Many runs, each once, as many in each portion as one commit takes.
    func portions(of runs: [RunID]) throws -> [ArraySlice<RunID>] {
        guard runs.count <= 10_000 else { throw StoreError.invalidParameter(name: "runs", value: "\(runs.count) ids", reason: "10000 are the most at once") }
        var seen: Set<RunID> = []
        let runs = runs.filter { seen.insert($0).inserted }
        return stride(from: 0, to: runs.count, by: 250).map { runs[$0..<min($0 + 250, runs.count)] }
    }

    private func check(_ request: UpdateRunRequest) throws {
        if let name = request.name { try NameRules.check(name, kind: "Run name") }
        if let project = request.project { try NameRules.check(project, kind: "Project") }
        if let color = request.color, color < 0 { throw StoreError.invalidParameter(name: "color", value: "\(color)", reason: "it is a number from 0 on") }
    }

    public func finishRun(_ id: RunID, _ request: FinishRunRequest) async throws -> RunRecord {
        if request.state == .running { throw StoreError.invalidParameter(name: "state", value: "running", reason: "a run ends as finished, failed or killed") }
        if let writer = request.writer { try NameRules.check(writer, kind: "Writer", bytes: 64) }
        return try await write { writer, db in try writer.finishRun(id, request, db) }
    }

    public func heartbeat(_ id: RunID, attempt: Int?, listens: [CommandKind]?, declares: [DeclaredValue]?) async throws -> RunRecord {
        if listens?.contains(.set) == true {
            throw StoreError.invalidParameter(name: "listens", value: "set", reason: "a program that can change values names them in \"declares\"")
        }
        if let (name, reason) = DeclaredValue.flaw(of: declares ?? []) { throw StoreError.invalidParameter(name: "declares", value: name, reason: reason) }
        return try await write { writer, db in
            let state = try writer.state(of: id, db)
            if let attempt, attempt > state.latestAttempt || attempt < 1 { throw StoreError.unknownAttempt(attempt, run: id, latest: state.latestAttempt) }
            try db.execute(sql: "UPDATE run SET heartbeat_ms = MAX(heartbeat_ms, :now) WHERE id = :run", arguments: ["now": milliseconds(), "run": state.row])
            if attempt ?? state.latestAttempt == state.latestAttempt {
                if let listens { try writer.listen(id, to: listens, db) }
                if let declares { try writer.declare(id, declares, db) }
            }
            var record = try RunRecords(isBrief: true).fetch(id, db)
            (record.commands, record.changes) = (state.commands.orders, state.commands.changes)
            return record
        }
    }

    private func checkConfig(_ config: JSONValue?) throws {
        guard let config else { return }
        guard case .object = config else { throw StoreError.invalidParameter(name: "config", value: config.searchText, reason: "it is an object of names and values") }
        if config.depth > options.limits.nesting { throw StoreError.nestingTooDeep(given: config.depth, limit: options.limits.nesting) }
    }
}
