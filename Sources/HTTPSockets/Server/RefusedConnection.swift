/// The answer to connections for which there is no room.
enum RefusedConnection {
    /// The whole response, made once: there may be thousands, and nothing to spare.
    static func bytes(_ core: ServerCore) -> [UInt8] {
        let response = core.errorResponse(HTTPError.tooManyConnections(limit: core.connectionLimit), nil)
        let buffer = OutputBuffer()
        if !write(response, core, into: buffer) { _ = write(Response(status: response.status), core, into: buffer) }
        return Array(buffer.bytes(from: 0))
    }

    /// - Returns: Whether its head was valid; if not, nothing has been written.
    private static func write(_ response: Response, _ core: ServerCore, into buffer: OutputBuffer) -> Bool {
        let body = response.body.wholeBytes
        let head = ResponseHead(status: response.status, headers: response.headers, length: .length(body.count), keepsAlive: false,
                                minorVersion: 1, requestID: nil, serverName: core.configuration.serverName)
        guard (try? head.write(into: buffer, date: [])) != nil else { return false }
        buffer.append(body)
        return true
    }
}

extension Connection {
    /// Opens only to say 503, and to close.
    func openRefused() {
        do { try loop.register(self) } catch { return close() }
        let bytes = RefusedConnection.bytes(core)
        output.append(bytes)
        flush()
        closeGracefully()
    }

    /// The server shuts down: idle connections close now, others after their response.
    func drain() {
        switch phase {
        case .reading: if parser.isIdle, inbox.isEmpty { closeGracefully() }
        case .handling: endEvents()
        default: break
        }
    }
}
