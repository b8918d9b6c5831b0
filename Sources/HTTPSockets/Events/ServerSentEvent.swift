/// One event of a `text/event-stream` (WHATWG HTML, *Server-sent events*).
public struct ServerSentEvent: Sendable, Hashable {
    /// The browser repeats the last one in `Last-Event-ID` when it reconnects; line breaks are not sent.
    public var id: String?
    /// The type a page listens for; `message` if `nil`.
    public var event: String?
    public var data: String
    /// How long the client should wait before it reconnects.
    public var retry: Duration?

    public init(id: String? = nil, event: String? = nil, data: String, retry: Duration? = nil) {
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry
    }

    /// The event on the wire, with its empty line.
    public var bytes: [UInt8] {
        var lines: [UInt8] = []
        func add(_ field: String, _ value: some Sequence<UInt8>) {
            lines += field.utf8
            lines += value
            lines.append(Byte.lf)
        }
        if let event { add("event: ", event.utf8.filter { $0 != Byte.lf && $0 != Byte.cr }) }
        if let id { add("id: ", id.utf8.filter { $0 != Byte.lf && $0 != Byte.cr && $0 != 0 }) }
        if let retry { add("retry: ", "\(retry.components.seconds * 1000 + retry.components.attoseconds / 1_000_000_000_000_000)".utf8) }
        for line in Self.lines(data) { add("data: ", line) }
        lines.append(Byte.lf)
        return lines
    }

    /// Cut at CR LF, CR and LF, all of which end a line for the client. Over bytes: data may be large.
    private static func lines(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var lines: [ArraySlice<UInt8>] = [], start = 0, index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Byte.lf || byte == Byte.cr {
                lines.append(bytes[start..<index])
                if byte == Byte.cr, index + 1 < bytes.count, bytes[index + 1] == Byte.lf { index += 1 }
                start = index + 1
            }
            index += 1
        }
        return lines + [bytes[start...]]
    }
}
