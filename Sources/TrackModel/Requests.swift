/// `POST /api/v1/runs`: creates a run, or takes one up again.
public struct CreateRunRequest: Sendable, Equatable, Codable {
    public enum Resume: String, Sendable, Codable { case never, allow, must }

    public var id: RunID?
    public var project: String
    public var name: String?
    public var config: JSONValue?
    public var group: String?
    public var jobType: String?
    public var tags: [String]?
    public var notes: String?
    public var parent: RunID?
    /// `nil` means `never`: an existing id is refused.
    public var resume: Resume?
    /// Points of older attempts at this step and later are hidden from now on.
    public var resumeStep: Int64?
    public var host: String?
    /// The same key with the same id is answered as the first time, without a new attempt.
    public var idempotencyKey: String?
    /// Milliseconds since 1970; for runs that began offline. `nil` means now.
    public var startedAt: Int64?
    /// Where this attempt comes from: host, command, git, packages, whatever the client tells. An object.
    public var environment: JSONValue?

    public init(
        id: RunID? = nil, project: String, name: String? = nil, config: JSONValue? = nil, group: String? = nil,
        jobType: String? = nil, tags: [String]? = nil, notes: String? = nil, parent: RunID? = nil, resume: Resume? = nil,
        resumeStep: Int64? = nil, host: String? = nil, idempotencyKey: String? = nil, startedAt: Int64? = nil, environment: JSONValue? = nil
    ) {
        (self.id, self.project, self.name, self.config) = (id, project, name, config)
        (self.group, self.jobType, self.tags, self.notes) = (group, jobType, tags, notes)
        (self.parent, self.resume, self.resumeStep, self.host) = (parent, resume, resumeStep, host)
        (self.idempotencyKey, self.startedAt, self.environment) = (idempotencyKey, startedAt, environment)
    }
}

public struct CreateRunResponse: Sendable, Equatable, Codable {
    public var run: RunRecord
    public var attempt: Int
    public var resumed: Bool
    /// The step after the greatest that is shown.
    public var nextStep: Int64

    public init(run: RunRecord, attempt: Int, resumed: Bool, nextStep: Int64) {
        (self.run, self.attempt, self.resumed, self.nextStep) = (run, attempt, resumed, nextStep)
    }
}

/// `PATCH /api/v1/runs/{run}`: what is given is changed.
public struct UpdateRunRequest: Sendable, Equatable, Codable {
    public var name: String?
    public var tags: [String]?
    public var notes: String?
    public var group: String?
    public var color: Int?
    /// Into the archive, or out of it.
    public var archived: Bool?
    /// Into the bin, or out of it.
    public var deleted: Bool?
    /// The project that the run moves to; made if it is not there.
    public var project: String?

    public init(
        name: String? = nil, tags: [String]? = nil, notes: String? = nil, group: String? = nil, color: Int? = nil,
        archived: Bool? = nil, deleted: Bool? = nil, project: String? = nil
    ) {
        (self.name, self.tags, self.notes, self.group, self.color) = (name, tags, notes, group, color)
        (self.archived, self.deleted, self.project) = (archived, deleted, project)
    }
}

/// `PATCH /api/v1/runs`: the same changes for many runs.
public struct UpdateRunsRequest: Sendable, Equatable, Codable {
    /// At most 10 000.
    public var runs: [RunID]
    public var changes: UpdateRunRequest

    public init(runs: [RunID], changes: UpdateRunRequest) { (self.runs, self.changes) = (runs, changes) }
}

/// What became of a change to many runs.
public struct UpdateRunsResponse: Sendable, Equatable, Codable {
    public var changed: Int
    /// Runs that are not there, or no longer.
    public var unknown: [RunID]

    public init(changed: Int, unknown: [RunID]) { (self.changed, self.unknown) = (changed, unknown) }
}

/// What emptying a bin came to.
public struct EmptiedBin: Sendable, Equatable, Codable {
    /// Runs that were deleted for ever.
    public var runs: Int
    public var bytesFreed: Int

    public init(runs: Int, bytesFreed: Int) { (self.runs, self.bytesFreed) = (runs, bytesFreed) }
}

/// `POST /api/v1/runs/{run}/finish`.
public struct FinishRunRequest: Sendable, Equatable, Codable {
    public var state: RunState
    public var exitCode: Int?
    /// The client's delivery receipt.
    public var report: JSONValue?
    /// Whose receipt it is; with it, the run's `report` sums up the receipts of all its writers.
    public var writer: String?

    public init(state: RunState = .finished, exitCode: Int? = nil, report: JSONValue? = nil, writer: String? = nil) {
        (self.state, self.exitCode, self.report, self.writer) = (state, exitCode, report, writer)
    }
}

/// The answer to a batch, given after its commit.
public struct BatchAcknowledgement: Sendable, Equatable, Codable {
    public var run: RunID
    public var writer: String
    public var sequence: UInt64
    public var rows: Int
    public var points: Int
    /// It had been stored before; nothing changed.
    public var duplicate: Bool
    /// What is asked of the run and not yet answered; `nil` if nothing is.
    public var commands: [CommandRecord]?
    /// Changes of declared values that are asked of it and not yet answered; `nil` if none are.
    public var changes: [CommandRecord]?

    public init(
        run: RunID, writer: String, sequence: UInt64, rows: Int, points: Int, duplicate: Bool, commands: [CommandRecord]? = nil, changes: [CommandRecord]? = nil
    ) {
        (self.run, self.writer, self.sequence) = (run, writer, sequence)
        (self.rows, self.points, self.duplicate, self.commands, self.changes) = (rows, points, duplicate, commands, changes)
    }
}

/// The one shape of every error answer.
public struct ErrorResponse: Error, Sendable, Equatable, Codable {
    public var error: Body

    public struct Body: Sendable, Equatable, Codable {
        /// Stable; programs may compare it.
        public var code: String
        /// What happened, with the value, then what to do.
        public var message: String
        public var details: [String: JSONValue]?
        public var requestId: String?

        public init(code: String, message: String, details: [String: JSONValue]? = nil, requestId: String? = nil) {
            (self.code, self.message, self.details, self.requestId) = (code, message, details, requestId)
        }
    }

    public init(code: String, message: String, details: [String: JSONValue]? = nil, requestId: String? = nil) {
        error = Body(code: code, message: message, details: details, requestId: requestId)
    }
}
