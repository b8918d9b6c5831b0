/// What a running program can be asked for.
public enum CommandKind: String, Sendable, Codable, CaseIterable {
    /// To end its work gracefully, at the next place that suits it.
    case stop
    /// To save what it has now, and to go on.
    case checkpoint
    /// To go on with another value of something that it has declared.
    case set
}

/// How far a command has come. Only ``waiting`` and ``taken`` go on.
public enum CommandState: String, Sendable, Codable, CaseIterable {
    /// The program has not heard of it yet.
    case waiting
    /// The program has it and will see to it.
    case taken
    case done
    /// The program cannot, and says why.
    case refused
    /// The run ended, or a new process took it up, before an answer came.
    case expired
    /// Another change of the same value was asked for before the program had heard of this one.
    case superseded

    /// Whether an answer may still come.
    public var isOpen: Bool { self == .waiting || self == .taken }
}

/// One thing that was asked of a running program, and what became of it. Times are milliseconds since 1970.
public struct CommandRecord: Sendable, Equatable, Codable {
    public var id: Int64
    public var run: RunID
    public var kind: CommandKind
    public var state: CommandState
    public var askedAt: Int64
    /// The name of the key it was asked with; `nil` on a server without keys.
    public var by: String?
    public var takenAt: Int64?
    /// When it was done, refused or expired.
    public var endedAt: Int64?
    /// Where the run was when it was done.
    public var step: Int64?
    /// What the program says of it.
    public var message: String?
    /// What is to change, in a ``CommandKind/set``; and to what.
    public var name: String?
    public var value: JSONValue?
    /// What it was when it was asked for; once it is done, what it was before.
    public var old: JSONValue?

    public init(
        id: Int64, run: RunID, kind: CommandKind, state: CommandState = .waiting, askedAt: Int64, by: String? = nil, takenAt: Int64? = nil,
        endedAt: Int64? = nil, step: Int64? = nil, message: String? = nil, name: String? = nil, value: JSONValue? = nil, old: JSONValue? = nil
    ) {
        (self.id, self.run, self.kind, self.state, self.askedAt, self.by) = (id, run, kind, state, askedAt, by)
        (self.takenAt, self.endedAt, self.step, self.message) = (takenAt, endedAt, step, message)
        (self.name, self.value, self.old) = (name, value, old)
    }
}

extension [CommandRecord] {
    /// What answers carry as `commands`; `nil` if there is nothing. Changes of values travel apart from these: programs that were built before
    /// there were any read a list that holds a kind they do not know as damaged.
    public var orders: [CommandRecord]? { part { $0.kind != .set } }
    /// What answers carry as `changes`; `nil` if there is nothing.
    public var changes: [CommandRecord]? { part { $0.kind == .set } }

    private func part(_ belongs: (CommandRecord) -> Bool) -> [CommandRecord]? {
        let part = filter(belongs)
        return part.isEmpty ? nil : part
    }
}

/// `POST /api/v1/runs/{run}/commands`.
public struct CommandRequest: Sendable, Equatable, Codable {
    public var kind: CommandKind
    /// Of `set`: which declared value, and what it is to become.
    public var name: String?
    public var value: JSONValue?

    public init(kind: CommandKind) { self.kind = kind }
    public init(set name: String, to value: JSONValue) { (kind, self.name, self.value) = (.set, name, value) }
}

/// `POST /api/v1/runs/commands`: the same asked of many runs.
public struct CommandsRequest: Sendable, Equatable, Codable {
    /// At most 10 000.
    public var runs: [RunID]
    /// `stop` or `checkpoint`: values are each run's own.
    public var kind: CommandKind

    public init(runs: [RunID], kind: CommandKind) { (self.runs, self.kind) = (runs, kind) }
}

/// What came of asking many runs.
public struct CommandsResponse: Sendable, Equatable, Codable {
    /// One for each run that was asked, now or before.
    public var commands: [CommandRecord]
    /// Runs whose program does not listen to this.
    public var deaf: [RunID]
    /// Runs that have ended.
    public var ended: [RunID]
    /// Runs that are not there, or no longer.
    public var unknown: [RunID]

    public init(commands: [CommandRecord] = [], deaf: [RunID] = [], ended: [RunID] = [], unknown: [RunID] = []) {
        (self.commands, self.deaf, self.ended, self.unknown) = (commands, deaf, ended, unknown)
    }
}

/// `GET /api/v1/runs/{run}/commands`.
public struct CommandList: Sendable, Equatable, Codable {
    /// The newest first.
    public var commands: [CommandRecord]

    public init(commands: [CommandRecord]) { self.commands = commands }
}

/// `PATCH /api/v1/runs/{run}/commands/{command}`: the program's answer.
public struct CommandAnswer: Sendable, Equatable, Codable {
    /// `taken`, `done` or `refused`.
    public var state: CommandState
    public var step: Int64?
    public var message: String?

    public init(state: CommandState, step: Int64? = nil, message: String? = nil) { (self.state, self.step, self.message) = (state, step, message) }
}
