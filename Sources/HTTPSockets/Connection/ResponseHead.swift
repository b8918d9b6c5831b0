/// Writes the status line and headers of a response.
struct ResponseHead {
    let response: Response
    let length: Connection.HeadLength
    let keepsAlive: Bool
    let minorVersion: Int
    let requestID: String?
    let serverName: String?

    /// Why a response cannot be sent: a line break in a header would let an attacker write headers of his own, and a status
    /// below 200 would leave the client waiting for the real answer.
    static func fault(in response: Response) -> HTTPError? {
        if response.status.code < 200 { return .invalidResponse("status \(response.status.code) does not end a request") }
        let areValid = response.headers.fields.allSatisfy { field in
            var field = field
            return field.name.withUTF8(Byte.areToken) && field.value.withUTF8(Byte.areFieldValue)
        }
        return areValid ? nil : .invalidResponse("a header has a character that is not allowed")
    }

    func write(into bytes: inout [UInt8], date: [UInt8]) {
        bytes += Self.statusLine(response.status)
        bytes += date
        if let serverName { Self.add("Server: ", serverName, &bytes) }
        var hasID = false
        for (name, value) in response.headers.fields where !isOurs(name) {
            bytes += name.utf8
            bytes += ": ".utf8
            Self.add("", value, &bytes)
            if name.utf8.count == 12, Headers.equal(name, "x-request-id") { hasID = true }
        }
        if let requestID, !hasID { Self.add("X-Request-Id: ", requestID, &bytes) }
        writeFraming(&bytes)
        bytes += "\r\n".utf8
    }

    private func writeFraming(_ bytes: inout [UInt8]) {
        if response.status.allowsBody {
            switch length {
            case .length(let count): Self.add("Content-Length: ", "\(count)", &bytes)
            case .chunked: bytes += "Transfer-Encoding: chunked\r\n".utf8
            case .unknown: if let count = response.headers["content-length"] { Self.add("Content-Length: ", count, &bytes) }
            }
        }
        if !keepsAlive {
            bytes += "Connection: close\r\n".utf8
        } else if minorVersion == 0 {
            bytes += "Connection: keep-alive\r\n".utf8
        }
    }

    /// Fields that the server alone decides: what a handler says about them could break the framing.
    private func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: Headers.equal(name, "date")
        case 10: Headers.equal(name, "connection")
        case 14: Headers.equal(name, "content-length")
        case 17: Headers.equal(name, "transfer-encoding")
        default: false
        }
    }

    private static func add(_ name: String, _ value: String, _ bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += value.utf8
        bytes += "\r\n".utf8
    }

    private static let lines: [[UInt8]] = (100...599).map { Array("HTTP/1.1 \($0) \(Status($0).reason)\r\n".utf8) }

    private static func statusLine(_ status: Status) -> [UInt8] { lines[status.code - 100] }
}
