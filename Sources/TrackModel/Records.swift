/// Where a run is in its life. Only the client moves it; a lost heartbeat changes ``RunRecord/live``, never this.
public enum RunState: String, Sendable, Codable, CaseIterable {
    case running, finished, failed, killed

    /// Milliseconds without a sign of life after which a running run counts as silent, no longer as live.
    public static let silence: Int64 = 120_000
}

/// A named group of runs, as lists show it.
public struct ProjectRecord: Sendable, Equatable, Codable {
    public var name: String
    public var description: String?
    /// Without those that are archived or in the bin.
    public var runs: Int
    /// Runs in state `running` with a recent sign of life.
    public var running: Int
    /// Milliseconds since 1970.
    public var createdAt: Int64
    public var lastActivityAt: Int64
    /// Runs started on each of the last 30 days, oldest first.
    public var activity: [Int]
    /// Archived runs that are not in the bin. `nil` from a server that has no archive.
    public var archived: Int?
    /// Runs in the bin.
    public var deleted: Int?

    public init(
        name: String, description: String? = nil, runs: Int, running: Int, createdAt: Int64, lastActivityAt: Int64, activity: [Int],
        archived: Int? = nil, deleted: Int? = nil
    ) {
        (self.name, self.description, self.runs, self.running) = (name, description, runs, running)
        (self.createdAt, self.lastActivityAt, self.activity) = (createdAt, lastActivityAt, activity)
        (self.archived, self.deleted) = (archived, deleted)
    }
}

/// One execution, as it is stored and answered. Times are milliseconds since 1970.
public struct RunRecord: Sendable, Equatable, Codable {
    public var id: RunID
    public var project: String
    public var name: String
    public var state: RunState
    /// Running, and heard of within the last two minutes.
    public var live: Bool
    public var group: String?
    public var jobType: String?
    public var tags: [String]
    public var notes: String?
    /// The run's order in its project, from 0: colours follow from it.
    public var color: Int
    /// The run's order in its project, from 1; never reused.
    public var number: Int
    public var parent: RunID?
    public var createdAt: Int64
    public var startedAt: Int64
    public var finishedAt: Int64?
    public var heartbeatAt: Int64
    /// Milliseconds of running time.
    public var duration: Int64
    public var lastStep: Int64?
    public var rows: Int
    public var points: Int
    /// Nested, as given. Left out of live updates.
    public var config: JSONValue?
    /// Derived by the server. Left out of live updates.
    public var summary: [String: MetricSummary]?
    /// Set explicitly; these win.
    public var summaryValues: JSONValue?
    public var attempts: [AttemptRecord]?
    /// Where the latest attempt that said so came from. In a run's own record only.
    public var environment: JSONValue?
    /// Finding kinds with counts; without what is muted.
    public var findings: [String: Int]?
    /// The greatest severity among these findings; `nil` for a run in good health.
    public var health: FindingSeverity?
    /// What the client says of its delivery, once it has finished.
    public var report: JSONValue?
    /// When it was archived, if it is: lists leave it out.
    public var archivedAt: Int64?
    /// When it was put into the bin, if it is there: lists leave it out, and some days later it is deleted for ever.
    public var deletedAt: Int64?
    /// How many values came for a step of their metric that had one, and took its place; `nil` for none, for resumed runs, whose points may be hidden
    /// as well, and where the summary is left out or is of some metrics only.
    public var repeated: Int?
    /// What the running program can be asked for; `nil` if it does not say, or has ended.
    public var listens: [CommandKind]?
    /// What is asked of it and not yet answered. In the answer to a heartbeat only.
    public var commands: [CommandRecord]?
    /// The values that can be changed while it runs; `nil` if it declares none, or has ended.
    public var declared: [DeclaredValue]?
    /// Changes of these that are asked for and not yet answered. In the answer to a heartbeat only.
    public var changes: [CommandRecord]?

    public init(
        id: RunID, project: String, name: String, state: RunState = .running, live: Bool = true, group: String? = nil,
        jobType: String? = nil, tags: [String] = [], notes: String? = nil, color: Int, number: Int, parent: RunID? = nil,
        createdAt: Int64, startedAt: Int64, finishedAt: Int64? = nil, heartbeatAt: Int64, duration: Int64 = 0,
        lastStep: Int64? = nil, rows: Int = 0, points: Int = 0, config: JSONValue? = nil, summary: [String: MetricSummary]? = nil,
        summaryValues: JSONValue? = nil, attempts: [AttemptRecord]? = nil, findings: [String: Int]? = nil, report: JSONValue? = nil,
        environment: JSONValue? = nil, archivedAt: Int64? = nil, deletedAt: Int64? = nil, listens: [CommandKind]? = nil, commands: [CommandRecord]? = nil
    ) {
        (self.id, self.project, self.name, self.state, self.live) = (id, project, name, state, live)
        (self.group, self.jobType, self.tags, self.notes) = (group, jobType, tags, notes)
        (self.color, self.number, self.parent) = (color, number, parent)
        (self.createdAt, self.startedAt, self.finishedAt, self.heartbeatAt) = (createdAt, startedAt, finishedAt, heartbeatAt)
        (self.duration, self.lastStep, self.rows, self.points) = (duration, lastStep, rows, points)
        (self.config, self.summary, self.summaryValues) = (config, summary, summaryValues)
        (self.attempts, self.findings, self.report, self.environment) = (attempts, findings, report, environment)
        (self.archivedAt, self.deletedAt, self.listens, self.commands) = (archivedAt, deletedAt, listens, commands)
    }
}

/// One process's life in a run. Points of older attempts at steps ≥ ``resumeStep`` are hidden, not lost.
public struct AttemptRecord: Sendable, Equatable, Codable {
    public var number: Int
    public var startedAt: Int64
    public var resumeStep: Int64?
    public var host: String?
    /// Milliseconds in which attempts before ran: where this one begins on the running-time axis. `nil` for the first, and in answers to changes.
    public var ranBefore: Int64?

    public init(number: Int, startedAt: Int64, resumeStep: Int64? = nil, host: String? = nil, ranBefore: Int64? = nil) {
        (self.number, self.startedAt, self.resumeStep, self.host, self.ranBefore) = (number, startedAt, resumeStep, host, ranBefore)
    }
}

/// One process that wrote a run: what was stored of it, and what it said of its delivery.
public struct WriterRecord: Sendable, Equatable, Codable {
    public var name: String
    /// The number of its last batch.
    public var sequence: UInt64
    /// What was stored; `nil` for a writer from before this was counted.
    public var rows: Int?
    public var points: Int?
    /// The delivery receipt, once there is one.
    public var report: JSONValue?

    public init(name: String, sequence: UInt64, rows: Int?, points: Int?, report: JSONValue? = nil) {
        (self.name, self.sequence, self.rows, self.points, self.report) = (name, sequence, rows, points, report)
    }
}

/// `GET /api/v1/runs/{run}/writers`.
public struct WriterList: Sendable, Equatable, Codable {
    public var writers: [WriterRecord]

    public init(writers: [WriterRecord]) { self.writers = writers }
}

/// What the server derives of one metric. `last`, `min`, `max` and `mean` are non-finite only when nothing finite was logged.
public struct MetricSummary: Sendable, Equatable, Codable {
    /// The value at the greatest step, non-finite included.
    public var last: Double
    public var min: Double
    public var max: Double
    public var mean: Double
    /// All points, non-finite included.
    public var count: Int
    public var nan: Int
    public var positiveInfinity: Int
    public var negativeInfinity: Int
    public var firstStep: Int64
    public var lastStep: Int64

    public init(
        last: Double, min: Double, max: Double, mean: Double, count: Int, nan: Int = 0,
        positiveInfinity: Int = 0, negativeInfinity: Int = 0, firstStep: Int64, lastStep: Int64
    ) {
        (self.last, self.min, self.max, self.mean, self.count, self.nan) = (last, min, max, mean, count, nan)
        (self.positiveInfinity, self.negativeInfinity) = (positiveInfinity, negativeInfinity)
        (self.firstStep, self.lastStep) = (firstStep, lastStep)
    }
}

/// A metric as the catalogue of a project knows it.
public struct MetricRecord: Sendable, Equatable, Codable {
    public var name: String
    /// In how many of the runs asked for.
    public var runs: Int
    public var points: Int
    public var lastStep: Int64?
    public var goal: MetricDefinition.Goal?
    public var summary: MetricDefinition.Summary?
    public var step: String?

    public init(
        name: String, runs: Int, points: Int, lastStep: Int64? = nil,
        goal: MetricDefinition.Goal? = nil, summary: MetricDefinition.Summary? = nil, step: String? = nil
    ) {
        (self.name, self.runs, self.points, self.lastStep) = (name, runs, points, lastStep)
        (self.goal, self.summary, self.step) = (goal, summary, step)
    }
}

/// What a key allows; each scope holds the ones before it.
public enum KeyScope: String, Sendable, Codable, Comparable, CaseIterable {
    case read, write, admin
    public static func < (left: KeyScope, right: KeyScope) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// An API key as lists show it: never the key itself.
public struct KeyRecord: Sendable, Equatable, Codable {
    public var id: String
    public var name: String
    public var scope: KeyScope
    /// The first characters, to tell keys apart: `trk-ab12`.
    public var prefix: String
    public var createdAt: Int64
    public var expiresAt: Int64?
    public var lastUsedAt: Int64?

    public init(id: String, name: String, scope: KeyScope, prefix: String, createdAt: Int64, expiresAt: Int64? = nil, lastUsedAt: Int64? = nil) {
        (self.id, self.name, self.scope, self.prefix) = (id, name, scope, prefix)
        (self.createdAt, self.expiresAt, self.lastUsedAt) = (createdAt, expiresAt, lastUsedAt)
    }
}

/// A named arrangement of a project's workspace.
public struct ViewRecord: Sendable, Equatable, Codable {
    public var id: String
    public var name: String
    public var shared: Bool
    public var updatedAt: Int64
    /// Whatever the dashboard keeps; left out of lists.
    public var state: JSONValue?

    public init(id: String, name: String, shared: Bool, updatedAt: Int64, state: JSONValue? = nil) {
        (self.id, self.name, self.shared, self.updatedAt, self.state) = (id, name, shared, updatedAt, state)
    }
}
