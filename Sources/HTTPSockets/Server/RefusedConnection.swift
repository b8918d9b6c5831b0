/// The answer to connections for which there is no room.
enum RefusedConnection {
    /// The whole response, made once: there may be thousands, and nothing to spare.
    static func bytes(_ core: ServerCore) -> [UInt8] {
        let response = core.errorResponse(HTTPError.tooManyConnections(limit: core.connectionLimit), nil).safe
        let body = response.body.wholeBytes
        let head = ResponseHead(response: response, length: .length(body.count), keepsAlive: false, minorVersion: 1,
                                requestID: nil, serverName: core.configuration.serverName)
        var bytes: [UInt8] = []
        head.write(into: &bytes, date: [])
        return bytes + body
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
