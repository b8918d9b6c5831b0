extension Connection {
    typealias StreamBody = @Sendable (ResponseWriter) async throws -> Void

    /// Takes a response.
    /// - Returns: The closure that writes the body, if there is one to be run.
    func send(_ response: Response, to request: Request?) -> StreamBody? {
        guard phase == .handling, exchange?.response == Exchange.ResponseState.none else { return nil }
        var response = response
        if let request { Conditions.apply(to: &response, request) }
        exchange!.status = response.status.code
        if response.headers["connection"].map({ $0.lowercased() == "close" }) == true { exchange!.keepsAlive = false }
        switch response.body {
        case .empty: sendWhole(response, [])
        case .bytes(let bytes): sendWhole(response, bytes)
        case .file(let path, let contentType): sendFile(path, contentType, response, request)
        case .events(let stream): return sendEvents(stream, response)
        case .stream(let write):
            if exchange!.isHead || !response.status.allowsBody { sendHead(response, .unknown); queued() } else {
                exchange!.prepared = response
                exchange!.response = .prepared
                return write
            }
        }
        return nil
    }

    private func sendWhole(_ response: Response, _ bytes: [UInt8]) {
        guard sendHead(response, .length(bytes.count)) else { return }
        if !exchange!.isHead, response.status.allowsBody, !bytes.isEmpty { append(bytes) }
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

    enum HeadLength { case length(Int), chunked, unknown }

    /// Writes the head into the output queue.
    /// - Returns: `false` if the response was not valid and has been replaced by an error.
    @discardableResult
    func sendHead(_ response: Response, _ length: HeadLength) -> Bool {
        if let fault = ResponseHead.fault(in: response) {
            exchange!.status = 500
            core.configuration.warn(fault.message)
            let answer = core.errorResponse(fault, exchange!.request).safe
            sendWhole(answer, answer.body.wholeBytes)
            return false
        }
        beginOutput()
        let before = output.byteCount
        let head = ResponseHead(response: response, length: length, keepsAlive: exchange!.keepsAlive && !core.isDraining,
                                minorVersion: exchange!.minorVersion, requestID: exchange!.request?.id,
                                serverName: core.configuration.serverName)
        let date = loop.dateField.bytes(monotonic: loop.now)
        output.write { head.write(into: &$0, date: date) }
        exchange!.bytesQueued += output.byteCount - before
        return true
    }

    func append(_ bytes: [UInt8]) {
        beginOutput()
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
    /// The bytes of a body that is all there.
    var wholeBytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}

extension Response {
    /// Without the headers that could not be sent.
    var safe: Response {
        ResponseHead.fault(in: self) == nil ? self : Response(status: status, headers: ["Content-Type": "text/plain"], body: body)
    }
}
