#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One client's connection: a state machine that its event loop drives.
///
/// `@unchecked Sendable`: touched by its loop's thread only; others reach it through ``EventLoop/perform(_:)``.
final class Connection: EventSource, @unchecked Sendable {
    enum Phase {
        /// Between requests, or inside a head.
        case reading
        /// A small body is read before its handler starts.
        case collecting
        /// The handler runs, or its response leaves; a streamed body may still arrive.
        case handling
        /// Our side is closed; input is dropped until the client closes its side.
        case lingering
        case closed
    }

    /// Bytes read from one connection before the others get a turn.
    static let turnBudget = 512 * 1024

    let descriptor: Int32
    var generation: UInt32 = 0
    let core: ServerCore
    let loop: EventLoop
    let client: ClientAddress

    var phase = Phase.reading
    var parser: RequestParser
    var exchange: Exchange?
    /// What was found for the head that the parser remembers.
    var known: (head: RequestHead, route: Router.Route, parameters: Parameters)?
    /// Bytes behind the present request.
    var inbox: [UInt8] = []
    var inboxStart = 0
    var output = OutputQueue()

    var isReadable = false
    var peerHasEnded = false
    private var isDirty = false
    private var isQueued = false

    /// How many times ``Timeouts/linger`` a client that goes on sending is heard out.
    private static let longestLinger: Int64 = 15
    private var lingersUntil: Int64 = 0

    var readDeadline = Int64.max
    var writeDeadline = Int64.max
    /// Whether the deadline for a complete head runs: only the head's end stops it, so a slow client cannot move it.
    var headIsTimed = false
    private var scheduled = Int64.max
    /// Bytes received, and sent, in the present window.
    var windowBytes = 0
    var writtenInWindow = 0
    var unsentAtWindowStart = 0

    init(_ descriptor: Int32, peer: String, core: ServerCore, loop: EventLoop) {
        self.descriptor = descriptor
        self.core = core
        self.loop = loop
        client = core.client(peer)
        parser = RequestParser(limits: core.configuration.limits)
    }

    /// Begins to serve.
    func open() {
        do { try loop.register(self) } catch { return close() }
        setReadDeadline(after: core.times.idle)
    }

    // MARK: Events

    func handle(_ event: PollEvent) {
        if event.isBroken { return abort() }
        if event.peerHasEnded { peerHasEnded = true }
        if event.isReadable || event.peerHasEnded { isReadable = true }
        if event.isWritable, !output.isEmpty { flush() }
        readAvailable()
    }

    func continueWork() {
        isQueued = false
        if !output.isEmpty { flush() }
        readAvailable()
    }

    func comeBackLater() {
        guard !isQueued, phase != .closed else { return }
        isQueued = true
        loop.continueLater(self)
    }

    /// Has what is in the output queue sent at the end of this step.
    func sendSoon() {
        guard !isDirty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    func flush() {
        isDirty = false
        guard phase != .closed, !output.isEmpty else { return }
        var moved = 0
        let progress = output.send(to: descriptor, budget: Self.turnBudget, moved: &moved)
        writtenInWindow += moved
        switch progress {
        case .drained: drained()
        case .blocked: if writeDeadline == .max { beginWriteWindow() }
        case .paused: comeBackLater()
        case .broken: return abort()
        }
        resumeWriter()
    }

    private func drained() {
        writeDeadline = .max
        if let buffer = output.takeBuffer() { loop.giveBack(buffer) }
        switch phase {
        case .handling where exchange?.response == .queued: finishExchange()
        case .handling where exchange?.listener != nil: forwardEvents()
        case .lingering: closeSendingSide()
        default: break
        }
    }

    /// Where small pieces of output are written.
    func beginOutput() -> OutputBuffer {
        if !output.hasBuffer { output.lend(loop.borrowBuffer()) }
        return output.buffer()
    }

    // MARK: Deadlines

    func setReadDeadline(after nanoseconds: Int64) {
        readDeadline = loop.now + nanoseconds
        schedule(readDeadline)
    }

    func schedule(_ deadline: Int64) {
        // A later deadline is found when the earlier one fires: moving it costs nothing.
        guard deadline < scheduled else { return }
        scheduled = deadline
        loop.timers.schedule(descriptor, at: deadline)
    }

    func timeReached(_ now: Int64) {
        scheduled = .max
        if now >= writeDeadline { writeWindowEnded() }
        if now >= readDeadline { readWindowEnded() }
        if phase != .closed, min(readDeadline, writeDeadline) < .max { schedule(min(readDeadline, writeDeadline)) }
    }

    // MARK: End

    /// Closes our side once everything is sent, and reads on for a moment: closing with unread input would make the system
    /// reset the connection, and the client might never see the answer.
    func closeGracefully() {
        guard phase != .closed, phase != .lingering else { return }
        phase = .lingering
        inbox = []
        // While output waits, the write window alone judges the client.
        readDeadline = .max
        if output.isEmpty { closeSendingSide() }
        readAvailable()
    }

    private func closeSendingSide() {
        guard phase == .lingering else { return }
        shutdown(descriptor, Int32(SHUT_WR))
        lingersUntil = loop.now + Self.longestLinger * core.times.linger
        setReadDeadline(after: core.times.linger)
    }

    /// The client still sends what nobody wants; it will read our answer when it has done so.
    func lingerOn() {
        guard lingersUntil > loop.now else { return }
        readDeadline = min(loop.now + core.times.linger, lingersUntil)
    }

    /// The client is gone, or must go: whatever waits for it is told.
    func abort() {
        guard phase != .closed else { return }
        let exchange = self.exchange
        if let exchange, exchange.response != .queued || !output.isEmpty { log(exchange, aborted: true) }
        close()
        exchange?.task?.cancel()
        exchange?.source?.fail(HTTPError.connectionClosed)
        exchange?.writer?.resume(throwing: HTTPError.connectionClosed)
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        if let listener = exchange?.listener { exchange?.hub?.detach(listener) }
        exchange = nil
        output.removeAll()
        inbox = []
        if generation != 0 { loop.forget(descriptor) }
        systemClose(descriptor)
        core.connectionClosed()
    }

    /// Tells the access log, if there is one.
    func log(_ exchange: Exchange, aborted: Bool = false) {
        guard let accessLog = core.configuration.accessLog else { return }
        let request = exchange.request
        accessLog(AccessLogEntry(
            requestID: request?.id ?? "", peer: request?.peer ?? client.socketPeer, method: request?.method.rawValue ?? "",
            target: request?.target ?? "", status: exchange.status, bytesSent: exchange.bytesQueued,
            duration: .nanoseconds(monotonicNanoseconds() - exchange.started), userAgent: request?.headers["user-agent"],
            route: request?.route, wasAborted: aborted))
    }
}
