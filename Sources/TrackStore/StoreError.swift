public import TrackModel

/// Why the store refuses. Each maps to one stable code at the HTTP edge; none holds SQL, paths or keys.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    case unknownProject(String)
    case unknownRun(String)
    case unknownMetric(String, run: RunID)
    case unknownKey(String)
    case unknownView(String)
    case unknownBlob(String)
    case unknownAttempt(Int, run: RunID, latest: Int)
    case unknownCommand(String, run: RunID)
    case runExists(RunID)
    case notRunning(RunID, state: RunState)
    case notListening(RunID, kind: CommandKind)
    case undeclaredValue(String, run: RunID, declared: [String])
    case unacceptableValue(name: String, value: String, reason: String)
    case commandEnded(Int64, state: CommandState)
    case sequenceGap(writer: String, expected: UInt64, given: UInt64)
    case invalidName(kind: String, value: String, reason: String)
    case invalidParameter(name: String, value: String, reason: String)
    case invalidFilter(text: String, position: Int, reason: String)
    case invalidBatch(String)
    case tooManyMetrics(given: Int, limit: Int)
    case nestingTooDeep(given: Int, limit: Int)
    case digestMismatch(given: String, actual: String)
    case quotaExceeded(limit: Int64)
    case diskFull
    case locked(directory: String)
    case damaged(String)
    case overloaded
    case closed

    public var description: String {
        switch self {
        case .unknownProject(let name): "There is no project \"\(name)\". Create it, or check the name: GET /api/v1/projects lists all."
        case .unknownRun(let id): "There is no run \"\(id)\". Create it first with POST /api/v1/runs."
        case .unknownMetric(let name, let run): "Run \(run) has not logged \"\(name)\". GET /api/v1/projects/{project}/metrics lists what is there."
        case .unknownKey(let id): "There is no key \"\(id)\". GET /api/v1/keys lists all."
        case .unknownView(let id): "There is no view \"\(id)\" in this project."
        case .unknownBlob(let digest): "There is no stored file \(digest.prefix(80)). Send it with PUT /api/v1/blobs/{digest}; a run may refer to it before that."
        case .unknownAttempt(let number, let run, let latest): "Run \(run) has no attempt \(number); its latest is \(latest). Resume the run to begin another."
        case .unknownCommand(let id, let run): "There is no command \"\(id.prefix(80))\" of run \(run). GET /api/v1/runs/\(run)/commands lists what was asked of it."
        case .notRunning(let id, let state): "Run \(id) is \(state.rawValue), not running: nobody is there to do it."
        case .notListening(let id, let kind): "The program of run \(id) does not listen to \"\(kind.rawValue)\". It says what it listens to with a heartbeat; see docs/api.md."
        case .undeclaredValue(let name, let run, let declared):
            "The program of run \(run) has not declared a value \"\(name.prefix(80))\""
                + (declared.isEmpty ? "; it declares none." : ". What can be changed: \(declared.joined(separator: ", ")).")
        case .unacceptableValue(let name, let value, let reason): "\(name) cannot become \(value.prefix(80)): \(reason)."
        case .commandEnded(let id, let state): "Command \(id) is \(state.rawValue) already; the answer was not taken."
        case .runExists(let id): "Run \(id) exists already. Send \"resume\": \"allow\" to take it up again, or choose another id."
        case .sequenceGap(let writer, let expected, let given):
            "Batch \(given) of writer \(writer) came before batch \(expected). Send \(expected) first; nothing was stored."
        case .invalidName(let kind, let value, let reason): "\(kind) \"\(value.prefix(80))\" cannot be used: \(reason)."
        case .invalidParameter(let name, let value, let reason): "\(name) is \"\(value.prefix(80))\": \(reason)."
        case .invalidFilter(let text, let position, let reason): "The filter \"\(text.prefix(200))\" fails at character \(position): \(reason)."
        case .invalidBatch(let reason): reason
        case .tooManyMetrics(let given, let limit): "The run would have \(given) metrics; \(limit) are allowed. Use fewer names; nothing was stored."
        case .nestingTooDeep(let given, let limit): "Values are nested \(given) deep; \(limit) are allowed. Flatten them; nothing was stored."
        case .digestMismatch(let given, let actual):
            "The file's SHA-256 is \(actual), not \(given.prefix(80)). It was changed on its way, or named wrongly; nothing was stored. Send it again."
        case .quotaExceeded(let limit): "Stored files may take \(limit) bytes together, and this would be more; nothing was stored. Delete runs, or raise the quota."
        case .diskFull: "The disk is full; nothing was stored. Free space and send again."
        case .locked(let directory): "Another server uses the data folder \(directory). Stop it, or give another folder with --data."
        case .damaged(let what): "Stored data is damaged: \(what). Everything else is served; run `track verify`."
        case .overloaded: "Too many batches wait to be written; nothing was stored. Send again in a second."
        case .closed: "The store is shutting down; nothing was stored. Send again."
        }
    }
}
