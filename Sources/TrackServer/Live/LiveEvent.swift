import TrackModel

/// What a browser is told as it happens; the data of each is JSON as `docs/api.md` says.
enum LiveEvent: Sendable, Equatable {
    struct Rows: Sendable, Equatable, Codable {
        var project: String
        var run: RunID
        var lastStep: Int64
        var rows: Int
        var points: Int
        var metrics: [String]
    }
    struct Histograms: Sendable, Equatable, Codable { var project: String; var run: RunID; var names: [String] }
    struct Media: Sendable, Equatable, Codable { var project: String; var run: RunID; var names: [String] }
    struct Logs: Sendable, Equatable, Codable { var project: String; var run: RunID; var total: Int }
    struct RunEvents: Sendable, Equatable, Codable { var project: String; var run: RunID; var events: [RunEvent] }
    struct Findings: Sendable, Equatable, Codable { var project: String; var run: RunID; var findings: [String: Int]; var health: FindingSeverity? }
    struct Command: Sendable, Equatable, Codable { var project: String; var run: RunID; var command: CommandRecord }
    struct Deleted: Sendable, Equatable, Codable { var project: String; var run: RunID }

    case run(RunRecord)
    case rows(Rows)
    case histograms(Histograms)
    case media(Media)
    case logs(Logs)
    case runEvents(RunEvents)
    case findings(Findings)
    case command(Command)
    case deleted(Deleted)

    static func deleted(project: String, run: RunID) -> LiveEvent { .deleted(Deleted(project: project, run: run)) }

    /// The event's name on the wire.
    var name: String {
        switch self {
        case .run: "run"
        case .rows: "rows"
        case .histograms: "histograms"
        case .media: "media"
        case .logs: "logs"
        case .runEvents: "runEvents"
        case .findings: "findings"
        case .command: "command"
        case .deleted: "deleted"
        }
    }

    var project: String {
        switch self {
        case .run(let record): record.project
        case .rows(let rows): rows.project
        case .histograms(let histograms): histograms.project
        case .media(let media): media.project
        case .logs(let logs): logs.project
        case .runEvents(let events): events.project
        case .findings(let findings): findings.project
        case .command(let command): command.project
        case .deleted(let deleted): deleted.project
        }
    }

    /// The data as one line of JSON.
    func data() throws -> String {
        let bytes: [UInt8] = switch self {
        case .run(var record): try JSONCoding.encode(record.withoutParts())
        case .rows(let rows): try JSONCoding.encode(rows)
        case .histograms(let histograms): try JSONCoding.encode(histograms)
        case .media(let media): try JSONCoding.encode(media)
        case .logs(let logs): try JSONCoding.encode(logs)
        case .runEvents(let events): try JSONCoding.encode(events)
        case .findings(let findings): try JSONCoding.encode(findings)
        case .command(let command): try JSONCoding.encode(command)
        case .deleted(let deleted): try JSONCoding.encode(deleted)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RunRecord {
    /// As live updates carry it: without what may be large.
    fileprivate mutating func withoutParts() -> RunRecord {
        (config, summary, summaryValues, attempts, report, environment) = (nil, nil, nil, nil, nil, nil)
        return self
    }
}
