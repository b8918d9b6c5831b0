#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Connection {
    func beginHeadWindow() {
        headIsTimed = true
        setReadDeadline(after: core.times.head)
    }

    func beginBodyWindow() {
        windowBytes = 0
        setReadDeadline(after: core.times.bodyWindow)
    }

    func beginWriteWindow() {
        writtenInWindow = 0
        unsentAtWindowStart = unsentInSystem
        writeDeadline = loop.now + core.times.write
        schedule(writeDeadline)
    }

    func readWindowEnded() {
        readDeadline = .max
        switch phase {
        case .reading where parser.isInsideHead: refuse(.headTimeout(core.configuration.timeouts.head))
        case .reading: if output.isEmpty { close() } else { closeGracefully() }
        case .collecting: if bodyIsTooSlow { refuse(bodyTooSlow) } else { beginBodyWindow() }
        case .handling: handlingWindowEnded()
        case .lingering: close()
        case .closed: break
        }
    }

    private func handlingWindowEnded() {
        if exchange!.sendsHeartbeats { return sendHeartbeat() }
        guard !exchange!.requestIsComplete else { return }
        // A handler that is behind is not the client's fault.
        if exchange!.isPaused || !bodyIsTooSlow { return beginBodyWindow() }
        exchange!.keepsAlive = false
        exchange!.requestIsComplete = true
        if exchange!.response == .queued {
            if output.isEmpty { finishExchange() }
        } else {
            exchange!.source?.fail(bodyTooSlow)
        }
    }

    private var bodyTooSlow: HTTPError { .bodyTooSlow(minimumRate: core.configuration.timeouts.minimumBodyRate) }

    private var bodyIsTooSlow: Bool { isTooSlow(windowBytes, over: core.times.bodyWindow) }

    private func isTooSlow(_ bytes: Int, over window: Int64) -> Bool {
        Double(bytes) < Double(core.configuration.timeouts.minimumBodyRate) * Double(window) / 1e9
    }

    /// A client that takes too little is dropped. The system's own buffer counts too: it is large, and we hear of it seldom.
    func writeWindowEnded() {
        writeDeadline = .max
        guard !output.isEmpty else { return }
        let taken = writtenInWindow + unsentAtWindowStart - unsentInSystem
        if isTooSlow(taken, over: core.times.write) { abort() } else { beginWriteWindow() }
    }

    private var unsentInSystem: Int {
        #if os(Linux)
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
        #else
        return 0
        #endif
    }
}
