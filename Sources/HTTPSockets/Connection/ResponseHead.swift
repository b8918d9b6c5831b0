/// Writes the status line and headers of a response.
struct ResponseHead {
    enum Length { case length(Int), chunked, unknown }

    let status: Status
    let headers: Headers
    let length: Length
    let keepsAlive: Bool
    let minorVersion: Int
    let requestID: String?
    let serverName: String?

    /// Appends the head, or nothing if it cannot be sent: a line break in a header would let an attacker write headers of his
    /// own, and a status below 200 would leave the client waiting for the real answer.
    /// - Parameter date: The whole line of the `Date` header.
    func write(into buffer: OutputBuffer, date: [UInt8]) throws(HTTPError) {
        guard status.code >= 200 else { throw .invalidResponse("status \(status.code) does not end a request") }
        let start = buffer.count
        buffer.append(Self.lines[status.code - 200])
        buffer.append(date)
        if let serverName { Self.add("Server: ", serverName, buffer) }
        guard let hasID = writeFields(into: buffer) else {
            buffer.truncate(to: start)
            throw .invalidResponse("a header has a character that is not allowed")
        }
        if let requestID, !hasID, Byte.areFieldValue(requestID) { Self.add("X-Request-Id: ", requestID, buffer) }
        writeFraming(into: buffer)
        buffer.append("\r\n")
    }

    /// - Returns: Whether the request's id was among them; `nil` if one is not valid.
    private func writeFields(into buffer: OutputBuffer) -> Bool? {
        var hasID = false
        for (name, value) in headers.fields where !isOurs(name) {
            guard Byte.areToken(buffer.bytes(from: buffer.append(name))) else { return nil }
            buffer.append(": ")
            guard Byte.areFieldValue(buffer.bytes(from: buffer.append(value))) else { return nil }
            buffer.append("\r\n")
            if name.utf8.count == 12, Headers.equal(name, "x-request-id") { hasID = true }
        }
        return hasID
    }

    private func writeFraming(into buffer: OutputBuffer) {
        if status.allowsBody {
            switch length {
            case .length(let count): Self.addLength(count, buffer)
            case .chunked: buffer.append("Transfer-Encoding: chunked\r\n")
            case .unknown: if let count = headers["content-length"].flatMap({ Int($0) }), count >= 0 { Self.addLength(count, buffer) }
            }
        }
        if !keepsAlive {
            buffer.append("Connection: close\r\n")
        } else if minorVersion == 0 {
            buffer.append("Connection: keep-alive\r\n")
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

    private static func addLength(_ count: Int, _ buffer: OutputBuffer) {
        buffer.append("Content-Length: ")
        buffer.append(decimal: count)
        buffer.append("\r\n")
    }

    private static func add(_ name: StaticString, _ value: String, _ buffer: OutputBuffer) {
        buffer.append(name)
        buffer.append(value)
        buffer.append("\r\n")
    }

    private static let lines: [[UInt8]] = (200...599).map { Array("HTTP/1.1 \($0) \(Status($0).reason)\r\n".utf8) }
}
