#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Connection {
    /// Streamed bodies of known length are received straight into chunks of this size.
    private static let chunkBytes = 128 * 1024

    /// Whether bytes from the socket can be used now: this is the back-pressure on the client.
    private var wantsInput: Bool {
        switch phase {
        case .reading: inbox.isEmpty
        case .collecting, .lingering: true
        case .handling: inbox.isEmpty && exchange != nil && !exchange!.requestIsComplete && !exchange!.isPaused
        case .closed: false
        }
    }

    func readAvailable() {
        var budget = Self.turnBudget
        while isReadable, wantsInput {
            guard budget > 0 else { return comeBackLater() }
            let capacity: Int, count: Int
            if let wanted = directBytes {
                (capacity, count) = receiveDirectly(wanted)
            } else {
                let scratch = loop.scratch
                (capacity, count) = (scratch.count, systemReceive(descriptor, scratch.baseAddress!, scratch.count, 0))
                if count > 0 { takeNew(UnsafeBufferPointer(rebasing: scratch[..<count])) }
            }
            guard count > 0 else { return receiveFailed(count) }
            budget -= count
            // Less than there was room for: the socket is empty, and the next arrival is a new edge.
            if count < capacity, !peerHasEnded { isReadable = false }
        }
    }

    private func receiveFailed(_ count: Int) {
        if count == 0 { return inputEnded() }
        switch errno {
        case EAGAIN, EWOULDBLOCK: isReadable = false
        case EINTR: comeBackLater()
        default: abort()
        }
    }

    /// How many bytes of the present body may be received without a stop in the scratch buffer.
    private var directBytes: Int? {
        guard phase == .handling, exchange?.source != nil, !exchange!.isDiscarding, case .length(let length) = exchange!.framing else { return nil }
        let rest = length - exchange!.received
        return rest >= 16 * 1024 ? min(rest, Self.turnBudget) : nil
    }

    /// - Parameter wanted: At most so many bytes.
    /// - Returns: How many there was room for, and what the system said.
    private func receiveDirectly(_ wanted: Int) -> (capacity: Int, count: Int) {
        let source = exchange!.source!
        var capacity = wanted, count = 0
        if let filled = source.fill(upTo: wanted, { systemReceive(descriptor, $0.baseAddress!, $0.count, 0) }) {
            count = filled
        } else {
            capacity = min(wanted, Self.chunkBytes)
            let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
                count = systemReceive(descriptor, buffer.baseAddress!, capacity, 0)
                initialized = max(0, count)
            }
            if count > 0, !source.push(chunk) { exchange!.isPaused = true }
        }
        guard count > 0 else { return (capacity, count) }
        windowBytes += count
        parser.skipBody(count)
        exchange!.received += count
        if case .length(exchange!.received) = exchange!.framing { _ = process(UnsafeBufferPointer(start: nil, count: 0)) }
        return (capacity, count)
    }

    private func inputEnded() {
        peerHasEnded = true
        isReadable = false
        switch phase {
        case .reading: if output.isEmpty { close() } else { closeGracefully() }
        case .collecting: refuse(.incompleteBody)
        case .lingering: if output.isEmpty { close() }
        case .handling:
            // The client may have closed its sending side only, and still read.
            exchange!.keepsAlive = false
            if exchange!.sendsHeartbeats { return abort() }
            if !exchange!.requestIsComplete {
                exchange!.requestIsComplete = true
                exchange!.source?.fail(HTTPError.incompleteBody)
            }
        case .closed: break
        }
    }

    // MARK: Bytes to events

    private func takeNew(_ input: UnsafeBufferPointer<UInt8>) {
        if phase == .lingering { return lingerOn() }
        let used = process(input)
        if used < input.count { inbox = Array(input[used...]) }
    }

    /// Uses bytes as far as the present phase allows.
    /// - Returns: How many; the others belong to requests behind the present one.
    private func process(_ input: UnsafeBufferPointer<UInt8>) -> Int {
        var offset = 0
        while phase != .closed, phase != .lingering {
            if phase == .handling, exchange!.requestIsComplete { return offset }
            do {
                switch try parser.next(input, &offset) {
                case .needsMore:
                    if phase == .reading, parser.isInsideHead, !headIsTimed { beginHeadWindow() }
                    return input.count
                case .head(let head): begin(head)
                case .body(let range): receiveBody(input.part(range))
                case .end: endBody()
                }
            } catch {
                refuse(error)
                return input.count
            }
        }
        return input.count
    }

    /// Goes on with bytes that came behind the request before.
    func processInbox() {
        guard !inbox.isEmpty, phase == .reading else { return }
        let pending = inbox, start = inboxStart
        (inbox, inboxStart) = ([], 0)
        let used = pending.withUnsafeBufferPointer { process($0.part(start..<$0.count)) }
        guard start + used < pending.count, phase != .closed, phase != .lingering else { return }
        (inbox, inboxStart) = (pending, start + used)
    }

    private func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>) {
        let exchange = exchange!
        windowBytes += bytes.count
        exchange.received += bytes.count
        if phase == .collecting {
            exchange.collected += bytes
        } else if exchange.isDiscarding {
            if exchange.received > core.configuration.limits.discardedBodyBytes { exchange.keepsAlive = false }
            // Nobody wants the rest, and it is too long to be waited for.
            if !exchange.keepsAlive, exchange.response == .queued, output.isEmpty { finishExchange() }
        } else if exchange.received > exchange.bodyLimit {
            exchange.isDiscarding = true
            exchange.keepsAlive = false
            exchange.source!.fail(HTTPError.bodyTooLarge(limit: exchange.bodyLimit))
        } else if !exchange.source!.push(Array(bytes)) {
            exchange.isPaused = true
        }
    }

    private func endBody() {
        let exchange = self.exchange!
        exchange.requestIsComplete = true
        readDeadline = .max
        if phase == .collecting {
            phase = .handling
            if !takenDirectly(exchange) { startHandler(exchange, body: .bytes(exchange.collected)) }
            exchange.collected = []
        } else if exchange.response == .queued, output.isEmpty {
            finishExchange()
        } else {
            exchange.source?.end()
        }
    }

    /// The handler's body has room again, or the handler waits for the first time. Called from any thread.
    func bodyIsWanted() {
        loop.perform { [self] in
            guard phase == .handling, exchange?.source != nil else { return }
            exchange!.isPaused = false
            if exchange!.awaitsContinue {
                exchange!.awaitsContinue = false
                if exchange!.received == 0, !exchange!.requestIsComplete {
                    append(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                    sendSoon()
                }
            }
            if !exchange!.requestIsComplete { beginBodyWindow() }
            if isReadable { comeBackLater() }
        }
    }
}
