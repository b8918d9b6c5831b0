import TrackModel

/// Decides what is done next for one writer's spool, and what an answer means. No clock, no socket: times are passed in.
struct Delivery: Sendable {
    /// What is to be done now.
    enum Action: Equatable, Sendable {
        case create
        case send(BatchBuilder.Limit)
        case heartbeat
        /// Tell what the program says to a command.
        case answer
        case finish
        /// Everything is delivered and the run is over.
        case done
        /// Nothing to do before then.
        case wait(Duration)
    }

    /// What waits in the spool.
    struct Waiting: Equatable, Sendable {
        var records = false
        /// The last batch was full: more than one is waiting.
        var isBacklog = false
        /// The writer has said that the run is over, and all before that is sent.
        var hasEnded = false
        /// Somebody waits for the delivery: do not gather, send.
        var isUrgent = false
        /// The program listens to commands: a heartbeat, with which they come, is due earlier.
        var isListening = false
        /// The server does not know yet what the program listens to, or declares.
        var hasNews = false
        /// The program has changed declared values by itself since they were told.
        var hasDrifted = false
        /// The program has answered a command.
        var hasAnswer = false
    }

    /// What an answer means for what was sent.
    enum Verdict: Equatable, Sendable {
        case accepted
        /// Send the same once more, later.
        case again
        /// Send less at once.
        case smaller
        /// This batch will never be taken: put it aside and go on with the next, under the same number.
        case putAside
        /// The server expects this number; go on from there.
        case renumber(UInt64)
        /// The answer belongs to another request: the connection is not to be trusted. Send the same on a new one.
        case stray
        /// The server does not know the run: create it again.
        case createAgain
        /// Nothing more can be delivered until somebody changes something; ask again from time to time.
        case parked
    }

    /// How long rows may gather before they are sent; a point is on the screen within a second.
    var gather = Duration.milliseconds(200)
    var heartbeat = Duration.seconds(15)
    /// The same for a program that listens to commands.
    var attentiveHeartbeat = Duration.seconds(5)
    /// How often a refused key is tried again.
    var retryParked = Duration.seconds(60)
    private(set) var isCreated = false
    private(set) var isFinished = false
    private(set) var isParked = false
    private(set) var limit = BatchBuilder.Limit()
    private var backoff: Backoff
    private var heldUntil = Duration.zero
    private var lastContact = Duration.zero, lastBeat = Duration.zero
    private var creations = 0
    /// Records that were put aside one by one, since a batch was last accepted.
    private var refusals = 0
    private static let mostRefusals = 8
    /// What the user should hear, each kind once.
    private(set) var notices: [Notice] = []
    private var said: Set<String> = []
    /// What the server asks of the program, as its answers bring it.
    private var commands: [CommandRecord] = []

    struct Notice: Equatable, Sendable {
        var kind: String
        var text: String
    }

    /// What was sent, as its answer must name it.
    struct SentBatch: Equatable, Sendable {
        var run: RunID
        var writer: String
        var sequence: UInt64
        /// Rows, histograms and everything else that it holds.
        var records: Int
    }

    init(seed: UInt64, isCreated: Bool = false) {
        backoff = Backoff(seed: seed)
        self.isCreated = isCreated
    }

    mutating func next(at now: Duration, waiting: Waiting) -> Action {
        if isFinished { return .done }
        if now < heldUntil { return .wait(heldUntil - now) }
        if !isCreated { return .create }
        if waiting.hasAnswer { return .answer }
        if waiting.hasNews || waiting.hasDrifted && now >= lastBeat + attentiveHeartbeat, !waiting.hasEnded { return .heartbeat }
        if waiting.records {
            if waiting.isUrgent || waiting.isBacklog || now >= lastContact + gather { return .send(limit) }
            return .wait(lastContact + gather - now)
        }
        if waiting.hasEnded { return .finish }
        let heartbeat = waiting.isListening ? attentiveHeartbeat : heartbeat
        if now >= lastContact + heartbeat { return .heartbeat }
        return .wait(min(lastContact + heartbeat - now, gather))
    }

    /// Lets a waiting retry happen now: somebody waits for the delivery.
    mutating func hurry() { if heldUntil < .seconds(1_000_000_000) { heldUntil = .zero } }

    mutating func takeNotices() -> [Notice] {
        defer { notices = [] }
        return notices
    }

    mutating func takeCommands() -> [CommandRecord] {
        defer { commands = [] }
        return commands
    }

    mutating func say(_ kind: String, _ text: String) {
        if said.insert(kind).inserted { notices.append(Notice(kind: kind, text: text)) }
    }

    // MARK: Answers

    mutating func creationAnswered(_ answer: HTTPAnswer, of run: RunID, at now: Duration) -> Verdict {
        let verdict = judge(answer, at: now, request: .creation(run))
        if verdict == .accepted {
            isCreated = true
            creations += 1
            heldUntil = .zero
            lastContact = now - gather      // what waited for the run goes at once
        }
        return verdict
    }

    mutating func batchAnswered(_ answer: HTTPAnswer, to batch: SentBatch, at now: Duration) -> Verdict {
        let verdict = judge(answer, at: now, request: .batch(batch))
        switch verdict {
        case .accepted: (limit, refusals) = (limit.doubled, 0)
        case .smaller: halve(batch)
        case .putAside: return isolate(batch)
        case .createAgain: isCreated = false
        default: break
        }
        return verdict
    }

    private mutating func halve(_ batch: SentBatch) {
        limit = BatchBuilder.Limit(rows: max(1, batch.records / 2), bytes: max(4_096, limit.bytes / 2))
    }

    /// Of a batch that the server refuses only the record is put aside that is at fault, which halving finds. A server that refuses one after the
    /// other refuses them all: then whole batches are put aside.
    private mutating func isolate(_ batch: SentBatch) -> Verdict {
        if batch.records > 1, refusals < Self.mostRefusals {
            halve(batch)
            return .smaller
        }
        refusals += 1
        if refusals >= Self.mostRefusals { limit = BatchBuilder.Limit() }
        return .putAside
    }

    /// - Returns: Whether the server has heard it.
    @discardableResult
    mutating func heartbeatAnswered(_ answer: HTTPAnswer, at now: Duration) -> Bool {
        let verdict = judge(answer, at: now, request: .heartbeat)
        if verdict == .createAgain { isCreated = false }
        (lastContact, lastBeat) = (now, now)        // a lost heartbeat is not worth repeating early
        return Self.isSettled(verdict)
    }

    /// - Returns: Whether the answer need not be sent again.
    mutating func commandAnswered(_ answer: HTTPAnswer, at now: Duration) -> Bool { Self.isSettled(judge(answer, at: now, request: .command)) }

    private static func isSettled(_ verdict: Verdict) -> Bool {
        switch verdict {
        case .again, .parked, .stray, .createAgain: false
        case .accepted, .smaller, .putAside, .renumber: true
        }
    }

    mutating func finishAnswered(_ answer: HTTPAnswer, of run: RunID, at now: Duration) -> Verdict {
        let verdict = judge(answer, at: now, request: .finish(run))
        switch verdict {
        case .accepted, .putAside, .renumber, .smaller: isFinished = true
        case .createAgain, .again, .parked, .stray: break
        }
        return verdict
    }

    /// There is nothing to tell the server at the end.
    mutating func finishWithoutServer() { isFinished = true }

    /// What is about to be sent could not be noted on disk: a later process might send other rows under the same number.
    mutating func stateCannotBeSaved(at now: Duration) {
        say("state", "The spool's state cannot be written: is the disk full? Rows wait in the spool until it can.")
        _ = hold(at: now, retryAfter: nil)
    }

    private enum Request: Equatable {
        case creation(RunID), batch(SentBatch), finish(RunID), heartbeat, command
        var isCreation: Bool { if case .creation = self { true } else { false } }
    }

    private mutating func judge(_ answer: HTTPAnswer, at now: Duration, request: Request) -> Verdict {
        switch answer {
        case .failed(let failure):
            if failure != .interrupted { say("transport:\(kind(failure))", "\(failure) Rows wait in the spool and are sent when it comes back.") }
            return hold(at: now, retryAfter: nil)
        case .answered(let status, let body, let retryAfter):
            return judge(status, body, retryAfter, at: now, request: request)
        }
    }

    private func kind(_ failure: TransportFailure) -> String {
        switch failure {
        case .notTrusted, .insecure: "trust"
        default: "down"
        }
    }

    private mutating func hold(at now: Duration, retryAfter: Duration?) -> Verdict {
        let wait = backoff.next()
        heldUntil = now + max(wait, retryAfter ?? .zero)
        return .again
    }

    private mutating func park(at now: Duration, _ kind: String, _ text: String) -> Verdict {
        say(kind, text)
        isParked = true
        heldUntil = now + retryParked
        return .parked
    }

    private mutating func succeeded(at now: Duration) -> Verdict {
        backoff.succeed()
        isParked = false
        said.remove("transport:down")
        (lastContact, heldUntil) = (now, .zero)
        return .accepted
    }

    private mutating func judge(_ status: Int, _ body: [UInt8], _ retryAfter: Duration?, at now: Duration, request: Request) -> Verdict {
        let error = ServerError(body)
        switch status {
        case 200..<300:
            switch match(body, request) {
            case .same:
                heed(body, request)
                return succeeded(at: now)
            case .other:
                _ = hold(at: now, retryAfter: nil)
                return .stray
            case .foreign: break
            }
            return park(at: now, "foreign", "The address answers, but not as a Track server does. Check TRACK_URL; rows wait in the spool.")
        case 408, 425, 429, 500...599:
            if status == 507 { say("disk", "The server's disk is full; rows wait in the spool until there is room.") }
            return hold(at: now, retryAfter: retryAfter)
        case 401, 403:
            return park(at: now, "key", "The server refuses the key (\(error?.message ?? "\(status)")). Set TRACK_API_KEY or run `track login`; "
                + "rows wait in the spool, and `track sync` delivers them.")
        case 413: return tooLarge(request, at: now)
        default: return judge(status, error, at: now, request: request)
        }
    }

    private mutating func tooLarge(_ request: Request, at now: Duration) -> Verdict {
        if request.isCreation { return park(at: now, "creation", "The run's config is too large for the server. Rows wait in the spool.") }
        guard case .batch(let batch) = request, batch.records <= 1 && limit.rows <= 1 else { return .smaller }
        return putAside("The server takes no batch of this size, not even of one row.")
    }

    private mutating func judge(_ status: Int, _ error: ServerError?, at now: Duration, request: Request) -> Verdict {
        if request == .command {
            heldUntil = .zero
            return .putAside
        }
        switch error?.code {
        case "sequence_gap":
            guard let expected = error?.expected else { break }
            say("gap", "The server has lost batches that it had acknowledged (it expects number \(expected)); what is still in the spool is sent from there.")
            heldUntil = .zero
            return .renumber(expected)
        case "unknown_run", "unknown_attempt":
            guard !request.isCreation else { break }
            if creations < 3 { isCreated = false; heldUntil = .zero; return .createAgain }
            return park(at: now, "deleted", "The run was deleted on the server; its rows wait in the spool. `track sync` sends them again.")
        case nil:
            return park(at: now, "foreign", "The address answers with status \(status), but not as a Track server does. Check TRACK_URL; rows wait in the spool.")
        default: break
        }
        if request.isCreation {
            return park(at: now, "creation", "The server does not create the run: \(error?.message ?? "status \(status)")")
        }
        if case .finish = request {
            say("finish", "The server does not take the end of the run: \(error?.message ?? "status \(status)")")
            return .putAside
        }
        return putAside(error?.message ?? "status \(status)")
    }

    private mutating func putAside(_ reason: String) -> Verdict {
        say("refused", "The server refuses a batch: \(reason) What it refuses is put aside in the spool, and the rest is sent.")
        heldUntil = .zero
        return .putAside
    }

    private enum Match { case same, other, foreign }

    /// Whether a good answer answers this request. On a kept connection a repeated answer would pass for that of the next request: then a batch
    /// would count as stored that never arrived.
    private func match(_ body: [UInt8], _ request: Request) -> Match {
        struct Named: Decodable { var id: RunID }
        switch request {
        case .creation(let run):
            guard let answer = try? decode(CreateRunResponse.self, body) else { return isOurs(body) ? .other : .foreign }
            return answer.run.id == run ? .same : .other
        case .batch(let batch):
            guard let answer = try? decode(BatchAcknowledgement.self, body) else { return isOurs(body) ? .other : .foreign }
            return answer.run == batch.run && answer.writer == batch.writer && answer.sequence == batch.sequence ? .same : .other
        case .finish(let run):
            guard let answer = try? decode(Named.self, body) else { return isOurs(body) ? .other : .foreign }
            return answer.id == run ? .same : .other
        case .heartbeat, .command: return .same
        }
    }

    /// Keeps what the answer to a batch or a heartbeat asks for. Few hold anything, and those say so by name.
    private mutating func heed(_ body: [UInt8], _ request: Request) {
        struct Asking: Decodable { var commands: [CommandRecord]?, changes: [CommandRecord]? }
        switch request {
        case .batch, .heartbeat: break
        case .creation, .finish, .command: return
        }
        guard ["\"commands\"", "\"changes\""].contains(where: { body.firstRange(of: Array($0.utf8)) != nil }), let asking = try? decode(Asking.self, body) else { return }
        commands = (asking.commands ?? []) + (asking.changes ?? [])
    }

    /// Whether the bytes are an answer of a Track server to something else.
    private func isOurs(_ body: [UInt8]) -> Bool {
        guard let value = try? decode(JSONValue.self, body) else { return false }
        return value["run"] != nil || value["id"] != nil
    }
}

/// A server's error answer, as far as the client acts on it.
struct ServerError {
    var code: String
    var message: String
    var expected: UInt64?

    /// `nil` unless the bytes are Track's shape of an error.
    init?(_ body: [UInt8]) {
        guard let response = try? decode(ErrorResponse.self, body) else { return nil }
        (code, message) = (response.error.code, response.error.message)
        if case .integer(let value)? = response.error.details?["expected"] { expected = UInt64(exactly: value) }
    }
}
