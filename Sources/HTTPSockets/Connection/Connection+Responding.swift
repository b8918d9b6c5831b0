extension Connection {
    typealias StreamBody = @Sendable (ResponseWriter) async throws -> Void

    /// Takes a response.
    /// - Returns: The closure that writes the body, if there is one to be run.
    func send(_ response: Response, to request: Request?) -> StreamBody? {
        guard phase == .handling, let exchange, exchange.response == .none else { return nil }
        var response = response
        if let request, response.headers["etag"] != nil { Conditions.apply(to: &response, request) }
        exchange.status = response.status.code
        if let connection = response.headers["connection"], connection.lowercased() == "close" { exchange.keepsAlive = false }
        // Nobody will read the rest of the body any more: the client is told that the connection ends with it.
        if !response.body.isWritten, exchange.restIsTooLong(for: core.configuration.limits.discardedBodyBytes) { exchange.keepsAlive = false }
        switch response.body {
        case .empty: sendWhole(response, [])
        case .bytes(let bytes): sendWhole(response, bytes)
        case .file(let path, let contentType): sendFile(path, contentType, response, request)
        case .events(let stream): return sendEvents(stream, response)
        case .stream(let write):
            if exchange.isHead || !response.status.allowsBody { sendHead(response, .unknown); queued() } else {
                exchange.prepared = response
                exchange.response = .prepared
                return write
            }
        }
        return nil
    }

    private func sendWhole(_ response: Response, _ bytes: [UInt8]) {
        guard sendHead(response, .length(bytes.count)) else { return }
        if !bytes.isEmpty, response.status.allowsBody, !exchange!.isHead { append(bytes) }
        queued()
    }

    private func sendFile(_ path: String, _ contentType: String?, _ response: Response, _ request: Request?) {
        switch FileResponder.plan(path, contentType, response, request) {
        case .failure(let error):
            exchange!.status = error.status.code
            let answer = core.errorResponse(error, exchange!.request)
            sendWhole(answer, answer.body.wholeBytes)
        case .success(let plan):
            exchange!.status = plan.response.status.code
            guard sendHead(plan.response, plan.sendsLength ? .length(plan.range.count) : .unknown) else { return }
            if !exchange!.isHead, let file = plan.file, !plan.range.isEmpty {
                exchange!.bytesQueued += plan.range.count
                output.append(file, offset: plan.range.lowerBound, count: plan.range.count)
            }
            queued()
        }
    }

    /// Writes the head into the output queue.
    /// - Returns: `false` if the response was not valid and has been replaced by an error.
    @discardableResult
    func sendHead(_ response: Response, _ length: ResponseHead.Length) -> Bool {
        do {
            try writeHead(response, length)
            return true
        } catch {
            exchange!.status = 500
            core.configuration.warn(error.message)
            sendInstead(core.errorResponse(error, exchange!.request))
            return false
        }
    }

    private func writeHead(_ response: Response, _ length: ResponseHead.Length) throws(HTTPError) {
        let exchange = self.exchange!
        let head = ResponseHead(status: response.status, headers: response.headers, length: length,
                                keepsAlive: exchange.keepsAlive && !core.isDraining, minorVersion: exchange.minorVersion,
                                requestID: exchange.request?.id, serverName: core.configuration.serverName)
        let buffer = beginOutput(), before = buffer.count
        try head.write(into: buffer, date: loop.dateField.line(at: loop.now))
        output.wrote(since: before)
        exchange.bytesQueued += buffer.count - before
    }

    /// An error page that cannot be sent either gives way to an empty answer.
    private func sendInstead(_ answer: Response) {
        let bytes = answer.body.wholeBytes
        do {
            try writeHead(answer, .length(bytes.count))
            if !exchange!.isHead { append(bytes) }
        } catch {
            try? writeHead(Response(status: .internalServerError), .length(0))
        }
        queued()
    }

    func append(_ bytes: [UInt8]) {
        _ = beginOutput()
        exchange!.bytesQueued += bytes.count
        output.append(bytes)
    }

    /// Everything of the response is in the output queue.
    func queued() {
        exchange!.response = .queued
        if output.isEmpty { return finishExchange() }
        sendSoon()
        // Requests that wait behind this one are answered in the same send.
        if !inbox.isEmpty, output.byteCount < 64 * 1024, !output.hasFiles { finishExchange() }
    }
}

extension ResponseBody {
    /// Whether a closure writes it, which may still read the request meanwhile.
    var isWritten: Bool {
        switch self {
        case .empty, .bytes, .file: false
        case .stream, .events: true
        }
    }

    /// The bytes of a body that is all there.
    var wholeBytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}
