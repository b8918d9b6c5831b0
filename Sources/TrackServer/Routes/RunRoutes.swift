import HTTPSockets
import TrackModel
import TrackStore

/// One run's life: created or resumed, changed, moved, put away, finished, deleted.
struct RunRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .post, path: "/api/v1/runs", tag: "runs", about: "Creates a run, or takes one up again.", scope: .write,
                      body: .json(CreateRunRequest.self),
                      answers: [.json(201, CreateRunResponse.self, "Created."), .json(200, CreateRunResponse.self, "Taken up again.")],
                      refusals: [.runExists, .unknownRun, .invalidName, .nestingTooDeep], bodyLimit: 8 << 20), takes: CreateRunRequest.self, use: create)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}", tag: "runs", about: "Tells all of one run but its history.", scope: .read,
                      answers: [.json(200, RunRecord.self, "The run.")]), gives: RunRecord.self, use: one)
        api.add(.init(method: .patch, path: "/api/v1/runs/{run}", tag: "runs", about: "Changes what is given.", scope: .write,
                      body: .json(UpdateRunRequest.self), answers: [.json(200, RunRecord.self, "The run.")], refusals: [.invalidName]),
                takes: UpdateRunRequest.self, gives: RunRecord.self, use: update)
        api.add(.init(method: .patch, path: "/api/v1/runs", tag: "runs", about: "Changes what is given, of many runs.", scope: .write,
                      body: .json(UpdateRunsRequest.self), answers: [.json(200, UpdateRunsResponse.self, "How many, and which are not there.")],
                      refusals: [.invalidName]), takes: UpdateRunsRequest.self, gives: UpdateRunsResponse.self, use: updateMany)
        api.add(.init(method: .delete, path: "/api/v1/runs/{run}", tag: "runs", about: "Deletes a run with everything in it, at once and for ever.", scope: .write,
                      answers: [.json(200, Freed.self, "What was freed.")]), gives: Freed.self, use: delete)
        api.add(.init(method: .post, path: "/api/v1/runs/{run}/finish", tag: "runs", about: "Ends a run.", scope: .write,
                      body: .json(FinishRunRequest.self), answers: [.json(200, RunRecord.self, "The run.")]),
                takes: FinishRunRequest.self, gives: RunRecord.self, use: finish)
        api.add(.init(method: .post, path: "/api/v1/runs/{run}/heartbeat", tag: "runs", about: "Says that the run is alive, and what its program listens to.", scope: .write,
                      body: .json(HeartbeatRequest.self), answers: [.json(200, RunRecord.self, "The run.")], refusals: [.unknownAttempt]),
                takes: HeartbeatRequest.self, gives: RunRecord.self, use: heartbeat)
    }

    /// `POST /runs`: 201 for a new run, 200 for one that goes on. Throws `run_exists`, `unknown_run`, `invalid_name`.
    func create(_ call: Call, _ body: CreateRunRequest) async throws -> Response {
        let answer = try await store.makeRun(body)
        return try .json(answer, status: answer.resumed ? 200 : 201, for: call.request)
    }

    /// `GET /runs/{run}`. Throws `unknown_run`.
    func one(_ call: Call) async throws -> RunRecord { try await store.run(call.run()) }

    /// `PATCH /runs/{run}`. Throws `unknown_run`, `invalid_name`.
    func update(_ call: Call, _ body: UpdateRunRequest) async throws -> RunRecord { try await store.updateRun(call.run(), body) }

    /// `PATCH /runs`. Throws `invalid_name`, `invalid_parameter`.
    func updateMany(_ call: Call, _ body: UpdateRunsRequest) async throws -> UpdateRunsResponse { try await store.updateRuns(body.runs, body.changes) }

    /// `DELETE /runs/{run}`: past the bin. Throws `unknown_run`.
    func delete(_ call: Call) async throws -> Freed { Freed(bytesFreed: try await store.deleteRun(call.run())) }

    /// `POST /runs/{run}/finish`. Throws `unknown_run`.
    func finish(_ call: Call, _ body: FinishRunRequest) async throws -> RunRecord { try await store.finishRun(call.run(), body) }

    /// `POST /runs/{run}/heartbeat`. Throws `unknown_run`, `unknown_attempt`, `invalid_parameter`.
    func heartbeat(_ call: Call, _ body: HeartbeatRequest) async throws -> RunRecord {
        try await store.heartbeat(call.run(), attempt: body.attempt, listens: body.listens, declares: body.declares)
    }
}

struct HeartbeatRequest: Codable, Sendable {
    var attempt: Int?
    /// What the program can be asked for from now on; what it said before stays, if this is left out.
    var listens: [CommandKind]?
    /// The values that others may change from now on; what it said before stays, if this is left out.
    var declares: [DeclaredValue]?
}
