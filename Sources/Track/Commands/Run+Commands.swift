public import Synchronization
public import TrackModel

/// Something that was asked of this run on its page, or by another program.
public struct RunCommand: Sendable {
    public let kind: CommandKind
    /// The name of the key it was asked with; `nil` on a server without keys.
    public let by: String?
    /// Which declared value is to change, and what it is to become; `nil` unless ``kind`` is `set`.
    public let name: String?, value: JSONValue?
    private let id: Int64
    private let desk: CommandDesk

    init(_ record: CommandRecord, at desk: CommandDesk) {
        (kind, by, name, value, id, self.desk) = (record.kind, record.by, record.name, record.value, record.id, desk)
    }

    /// Says that it was done, in the background; the run's page and its charts show it. The first answer counts.
    /// - Parameters:
    ///   - step: Where the run was then; `nil` means the greatest step so far.
    ///   - message: What else there is to say: a path, a number. 1 000 bytes at most are kept.
    public func done(step: Int? = nil, _ message: String? = nil) { desk.answer(id, .done, step: step, message) }

    /// Says that it cannot be done, and why.
    public func refuse(_ reason: String) { desk.answer(id, .refused, step: nil, reason) }
}

extension Run {
    /// Listens to a kind of command: the run's page offers it from now on, and `listener` is called for each, on a thread of its own.
    ///
    /// A command comes with the answer to a batch or a heartbeat: within a second while the program logs, within five seconds else. Answers wait for
    /// the server like rows do, until the run ends. Offline nothing is ever asked.
    /// - Parameters:
    ///   - kind: `stop` or `checkpoint`; values are declared, see ``declare(_:value:in:_:)``. Each kind has one listener; another takes the place of the one before.
    ///   - listener: Answers with ``RunCommand/done(step:_:)`` or ``RunCommand/refuse(_:)``, then or later; `nil` listens no more.
    public func onCommand(_ kind: CommandKind, _ listener: (@Sendable (RunCommand) -> Void)?) {
        if kind == .set { return notices.say("Nobody listens to changes as such: declare each value with `run.declare`, which takes a listener.") }
        commands.listen(to: kind, listener)
    }

    /// Whether somebody asked the run to stop; once true, it stays so. The first look makes the run listen, so that its page offers the stop.
    ///
    /// ```swift
    /// for step in 0..<steps where !run.isStopRequested { … }
    /// await run.finish()
    /// ```
    /// A program that has seen it and finishes has answered: nothing else need be said.
    /// - Complexity: One atomic load.
    @inlinable
    public var isStopRequested: Bool { commands.stop.load(ordering: .relaxed) == CommandDesk.quiet ? false : commands.lookForStop() }
}

extension Tracker {
    /// Whether somebody asked the current run to stop; see ``Run/isStopRequested``.
    @inlinable
    public var isStopRequested: Bool { run?.isStopRequested ?? false }

    /// See ``Run/onCommand(_:_:)``.
    public func onCommand(_ kind: CommandKind, _ listener: (@Sendable (RunCommand) -> Void)?) { run?.onCommand(kind, listener) }
}
