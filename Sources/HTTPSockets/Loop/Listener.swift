#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Accepts connections on one loop and hands them out to all.
///
/// When descriptors run out it gives up its spare one to answer the first client in the queue, then pauses: accepting in a
/// loop that must fail would take the thread from the connections that are open.
final class Listener: EventSource {
    static let pause: Int64 = 100_000_000
    private static let acceptedInOneTurn = 64

    let descriptor: Int32
    var generation: UInt32 = 0
    private let loop: EventLoop
    private let isTCP: Bool
    private let refusal: [UInt8]
    private let accepted: (Int32, String) -> Void
    private let warn: (String) -> Void
    private var spare: Int32
    private var isClosed = false
    private var hasWarned = false
    /// The loop's clock.
    private var pausedUntil: Int64 = 0

    /// - Parameter refusal: What a client is sent for whom there is no descriptor.
    /// - Parameter accepted: Called with each new descriptor and its peer.
    init(
        _ descriptor: Int32, isTCP: Bool, loop: EventLoop, refusal: [UInt8],
        accepted: @escaping (Int32, String) -> Void, warn: @escaping (String) -> Void
    ) {
        self.descriptor = descriptor
        self.isTCP = isTCP
        self.refusal = refusal
        self.loop = loop
        self.accepted = accepted
        self.warn = warn
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// A pause holds whoever comes meanwhile, too: the timer ends it.
    func handle(_ event: PollEvent) { if loop.now >= pausedUntil { acceptAll() } }

    func timeReached(_ now: Int64) {
        pausedUntil = 0
        if spare < 0 { spare = open("/dev/null", O_RDONLY | O_CLOEXEC) }
        acceptAll()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(descriptor)
        systemClose(descriptor)
        if spare >= 0 { systemClose(spare) }
    }

    private func acceptAll() {
        guard !isClosed else { return }
        for _ in 0..<Self.acceptedInOneTurn {
            var address = sockaddr_storage()
            let connection = Socket.accept(descriptor, &address)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno != EAGAIN && errno != EWOULDBLOCK { exhausted(errno) } else { hasWarned = false }
                return
            }
            if isTCP { Socket.setOption(connection, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
            accepted(connection, Socket.text(of: address).host)
        }
        // Others get a turn; the edge has passed, so the loop is asked to come back.
        loop.continueLater(self)
    }

    func continueWork() { acceptAll() }

    private func exhausted(_ number: Int32) {
        if !hasWarned {
            hasWarned = true
            warn("accept: \(String(cString: strerror(number))); accepting pauses until connections close. Raise the limit of open files.")
        }
        if spare >= 0, number == EMFILE || number == ENFILE {
            systemClose(spare)
            spare = -1
            refuseOne()
            spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
        pausedUntil = loop.now + Self.pause
        loop.timers.schedule(descriptor, at: pausedUntil)
    }

    private func refuseOne() {
        var address = sockaddr_storage()
        let connection = Socket.accept(descriptor, &address)
        guard connection >= 0 else { return }
        _ = refusal.withUnsafeBytes { systemSend(connection, $0.baseAddress!, $0.count, Socket.sendFlags) }
        shutdown(connection, Int32(SHUT_WR))
        // What the client has sent already is read, or closing would reset the answer away.
        _ = systemReceive(connection, loop.scratch.baseAddress!, loop.scratch.count, 0)
        systemClose(connection)
    }
}
