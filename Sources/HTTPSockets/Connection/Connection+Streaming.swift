extension Connection {
    // MARK: From the handler's task, on any thread

    /// Sends bytes of a streamed response; suspends while too many wait.
    func writeStream(_ bytes: [UInt8]) async throws {
        if loop.isCurrent, try takeStream(bytes) { return }
        let isTaken = loop.isCurrent
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loop.perform { [self] in
                do {
                    if try !isTaken && takeStream(bytes) || !isFull { continuation.resume() } else { wait(continuation) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    func endStream() {
        loop.perform { [self] in
            guard phase == .handling, exchange?.task != nil else { return }
            do { try finishStream() } catch { failStream(error) }
        }
    }

    /// The closure threw: before the first byte that is an ordinary error, later the client must see a broken response.
    func failStream(_ error: any Error) {
        loop.perform { [self] in
            guard phase == .handling, exchange?.response != .queued else { return }
            guard exchange!.response == .prepared else { return abort() }
            exchange!.prepared = nil
            exchange!.response = .none
            exchange!.sendsHeartbeats = false
            _ = send(core.errorResponse(error, exchange!.request), to: nil)
        }
    }

    // MARK: On the loop

    private var isFull: Bool { output.byteCount >= core.configuration.limits.responseBufferBytes }

    private func wait(_ continuation: CheckedContinuation<Void, any Error>) {
        guard phase == .handling, exchange?.writer == nil else {
            return continuation.resume(throwing: HTTPError.connectionClosed)
        }
        exchange!.writer = continuation
    }

    func resumeWriter() {
        guard phase == .handling, exchange?.writer != nil,
              output.byteCount <= core.configuration.limits.responseBufferBytes / 2 else { return }
        let writer = exchange!.writer
        exchange!.writer = nil
        writer?.resume()
    }

    /// - Returns: Whether more may be written at once.
    private func takeStream(_ bytes: [UInt8]) throws -> Bool {
        guard phase == .handling, exchange != nil else { throw HTTPError.connectionClosed }
        try startStream()
        guard case .streaming(let framing) = exchange!.response else { throw HTTPError.connectionClosed }
        if bytes.isEmpty { return true }
        switch framing {
        case .discarded: return true
        case .untilClose: append(bytes)
        case .chunked: appendChunk(bytes)
        case .length(let missing):
            guard bytes.count <= missing else {
                throw HTTPError.invalidResponse("its body is longer than its Content-Length")
            }
            exchange!.response = .streaming(.length(missing - bytes.count))
            append(bytes)
        }
        sendSoon()
        return !isFull
    }

    private func appendChunk(_ bytes: [UInt8]) {
        append(Array(String(bytes.count, radix: 16).utf8) + [Byte.cr, Byte.lf])
        append(bytes)
        append([Byte.cr, Byte.lf])
    }

    /// Sends the head if it has not been sent.
    func startStream() throws {
        guard let response = exchange?.prepared else { return }
        exchange!.prepared = nil
        let framing: Exchange.StreamFraming
        if let length = response.headers["content-length"].flatMap({ Int($0) }), length >= 0 {
            framing = .length(length)
            sendHead(response, .length(length))
        } else if exchange!.minorVersion == 1 {
            framing = .chunked
            sendHead(response, .chunked)
        } else {
            exchange!.keepsAlive = false
            framing = .untilClose
            sendHead(response, .unknown)
        }
        // An invalid head has been replaced by a whole error response.
        guard exchange?.response == .prepared else { throw HTTPError.invalidResponse("its head is not valid") }
        exchange!.response = .streaming(framing)
        sendSoon()
    }

    func finishStream() throws {
        guard exchange!.response == .prepared || isStreaming else { return }
        try startStream()
        guard case .streaming(let framing) = exchange!.response else { return }
        switch framing {
        case .length(let missing) where missing > 0:
            throw HTTPError.invalidResponse("its body is \(missing) bytes shorter than its Content-Length")
        case .chunked: append(Array("0\r\n\r\n".utf8))
        default: break
        }
        queued()
    }

    private var isStreaming: Bool { if case .streaming = exchange!.response { true } else { false } }

    // MARK: Server-sent events

    func sendEvents(_ stream: EventStream, _ response: Response) -> StreamBody? {
        var response = response
        response.headers["Content-Type"] = "text/event-stream"
        // Neither caches nor proxies may hold events back.
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        guard !exchange!.isHead, response.status.allowsBody, !core.isDraining else {
            if core.isDraining { exchange!.keepsAlive = false }
            sendHead(response, exchange!.isHead ? .unknown : .length(0))
            queued()
            return nil
        }
        exchange!.prepared = response
        exchange!.response = .prepared
        exchange!.sendsHeartbeats = true
        do { try startStream() } catch { return nil }
        setReadDeadline(after: core.times.heartbeat)
        if peerHasEnded { abort(); return nil }
        switch stream.source {
        case .writer(let write): return { writer in try await write(EventWriter(writer: writer)) }
        case .hub(let hub, let lastEventID, let filter):
            let listener = hub.makeListener(filter) { [weak self] in
                guard let self else { return }
                loop.perform { self.forwardEvents() }
            }
            exchange!.listener = listener
            exchange!.hub = hub
            hub.attach(listener, lastEventID: lastEventID)
            return nil
        }
    }

    /// Moves a listener's events into the output, unless the client is behind: then they wait in the listener's bounded queue.
    func forwardEvents() {
        guard phase == .handling, let listener = exchange?.listener, !isFull else { return }
        let (events, hasEnded) = listener.drain()
        do {
            if !events.isEmpty { _ = try takeStream(events.count == 1 ? events[0] : Array(events.joined())) }
            if hasEnded { try finishStream() }
        } catch {
            abort()
        }
    }

    func sendHeartbeat() {
        setReadDeadline(after: core.times.heartbeat)
        guard output.isEmpty else { return }
        _ = try? takeStream(Array(":\n\n".utf8))
    }

    /// Ends an endless response because the server drains.
    func endEvents() {
        guard phase == .handling, exchange?.sendsHeartbeats == true else { return }
        exchange!.keepsAlive = false
        exchange!.task?.cancel()
        if let listener = exchange!.listener { exchange!.hub?.detach(listener) }
        do { try finishStream() } catch { abort() }
    }
}
