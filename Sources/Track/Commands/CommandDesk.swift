import Synchronization
import TrackModel

/// What this process listens to, what it was asked for, and what it answers: where the program's threads meet the one that sends.
@usableFromInline
final class CommandDesk: @unchecked Sendable {      // `lock` guards all variables
    let lock = Lock()
    private let collector: Collector
    private var listeners: [CommandKind: @Sendable (RunCommand) -> Void] = [:]
    /// Whether the program looks for a stop by itself.
    private var looksForStop = false
    /// What the server knows of it.
    private var told: Set<CommandKind> = []
    /// What the program lets others change.
    private var table = ValueTable()
    /// Every command that has arrived, and those without an answer of the program's.
    private var heard: Set<Int64> = [], unanswered: [Int64: CommandRecord] = [:]
    private var answers: [Answer] = []
    /// What is known of a stop, for a look without the lock.
    @usableFromInline let stop = Atomic<UInt8>(CommandDesk.unknown)

    /// Nobody has looked yet; looked, and there was none; asked for; asked for, and seen.
    @usableFromInline static let unknown: UInt8 = 0, quiet: UInt8 = 1
    private static let asked: UInt8 = 2, seen: UInt8 = 3

    /// One answer on its way to the server.
    struct Answer: Sendable, Equatable {
        var command: Int64
        var body: CommandAnswer
    }

    init(collector: Collector) { self.collector = collector }

    // MARK: Asked by the program

    /// Listens to a kind, with one listener; `nil` ends it.
    func listen(to kind: CommandKind, _ listener: (@Sendable (RunCommand) -> Void)?) { lock.withLock { listeners[kind] = listener } }

    /// Lets others change a value.
    /// - Returns: Why not, if it cannot be declared.
    func declare(_ declared: DeclaredValue, _ listener: @escaping @Sendable (RunCommand) -> Void) -> String? {
        lock.withLock {
            var next = table
            next.declare(declared, listener)
            if let flaw = DeclaredValue.flaw(of: next.values) { return flaw.reason }
            table = next
            return nil
        }
    }

    func redeclare(_ name: String, _ value: JSONValue) { _ = lock.withLock { table.note(value, of: name) } }
    func undeclare(_ name: String) { lock.withLock { table.withdraw(name) } }

    /// Whether a stop was asked for. The first look makes the run listen.
    @usableFromInline
    func lookForStop() -> Bool {
        lock.withLock {
            looksForStop = true
            let isAsked = stop.load(ordering: .relaxed) >= Self.asked
            stop.store(isAsked ? Self.seen : Self.quiet, ordering: .relaxed)
            return isAsked
        }
    }

    /// Keeps the program's answer until it is sent; the first one counts.
    func answer(_ command: Int64, _ state: CommandState, step: Int?, _ message: String?) {
        let step = step ?? collector.lastStep
        let message = message.map { $0.utf8.count > 1_000 ? String(decoding: $0.utf8.prefix(994), as: UTF8.self) + "…" : $0 }
        lock.withLock {
            guard let record = unanswered.removeValue(forKey: command) else { return }
            if state == .done, let name = record.name, let value = record.value { table.wasChanged(name, to: value) }
            answers.append(Answer(command: command, body: CommandAnswer(state: state, step: step.map(Int64.init), message: message)))
        }
    }

    /// The run is over: a program that saw that it should stop has done so.
    func settle() {
        let stops = lock.withLock { stop.load(ordering: .relaxed) == Self.seen ? unanswered.filter { $0.value.kind == .stop }.keys.sorted() : [] }
        for command in stops { answer(command, .done, step: nil, nil) }
    }

    // MARK: Asked by the sender's thread

    /// What the program listens to, and the values that it declares.
    struct News {
        /// `nil` if the server knows.
        var kinds: [CommandKind]?, values: [DeclaredValue]?
    }
    var news: News {
        lock.withLock { News(kinds: kinds == told ? nil : CommandKind.allCases.filter(kinds.contains), values: table.hasDrifted ? table.values : nil) }
    }
    /// What is to be told to the server, and whether it may ask for something: one look for each turn.
    var outlook: (isListening: Bool, hasNews: Bool, hasDrifted: Bool, hasAnswer: Bool) {
        lock.withLock {
            let kinds = kinds
            return (!kinds.isEmpty || !table.values.isEmpty, kinds != told || table.isNews, table.hasDrifted, !answers.isEmpty)
        }
    }
    var nextAnswer: Answer? { lock.withLock { answers.first } }

    private var kinds: Set<CommandKind> { looksForStop ? Set(listeners.keys).union([.stop]) : Set(listeners.keys) }

    func wereTold(_ news: News) {
        lock.withLock {
            if let kinds = news.kinds { told = Set(kinds) }
            if let values = news.values { table.wereTold(values) }
        }
    }
    /// The server begins anew.
    func tellAgain() { wereTold(News(kinds: [], values: [])) }
    func wasSent(_ answer: Answer) { lock.withLock { if answers.first == answer { answers.removeFirst() } } }

    /// Tells the program, each command once; its listener has a thread of its own, so that nothing waits for it.
    func hear(_ command: CommandRecord) {
        if command.kind == .set { return hearChange(command) }
        let listener = lock.withLock { () -> (@Sendable (RunCommand) -> Void)? in
            guard kinds.contains(command.kind), !heard.contains(command.id) else { return nil }
            take(command)
            if command.kind == .stop { stop.store(Self.asked, ordering: .relaxed) }
            return listeners[command.kind]
        }
        if let listener { inBackground("track-command") { [self] in listener(RunCommand(command, at: self)) } }
    }

    /// Tells the program of a change, once, when it is done with those before.
    private func hearChange(_ command: CommandRecord) {
        let begins = lock.withLock { () -> Bool in
            if heard.contains(command.id) { return false }
            switch table.receive(command) {
            case .foreign: return false
            case .refused(let reason):
                heard.insert(command.id)
                answers.append(Answer(command: command.id, body: CommandAnswer(state: .refused, message: reason)))
                return false
            case .taken(let listener):
                take(command)
                return table.enqueue(command, listener)
            }
        }
        if begins { inBackground("track-command") { [self] in tellChanges() } }
    }

    /// Under the lock: the program is about to be told.
    private func take(_ command: CommandRecord) {
        heard.insert(command.id)
        unanswered[command.id] = command
        answers.append(Answer(command: command.id, body: CommandAnswer(state: .taken)))
    }

    private func tellChanges() {
        while let call = lock.withLock({ table.nextCall() }) { call.listener(RunCommand(call.command, at: self)) }
    }
}

extension Collector {
    /// The greatest step so far; `nil` before the first row.
    fileprivate var lastStep: Int? { upcomingStep > 0 ? Int(upcomingStep - 1) : nil }
}
