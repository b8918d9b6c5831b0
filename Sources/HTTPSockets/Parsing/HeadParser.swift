/// Parses the lines of a request's head as they arrive (RFC 9112 §2 to §6).
///
/// A pure state machine: what it answers depends on the bytes only, never on how they were cut. Each line is judged when
/// its line feed is there, and a limit is judged before the line is, so the first fault in the order of bytes wins.
struct HeadParser {
    enum Step { case needsMore, complete(end: Int) }

    let limits: Limits
    private(set) var facts = HeadFacts()
    private(set) var fields: [FieldRange] = []
    private var lineStart = 0
    private var scanned = 0
    private var hasRequestLine = false
    private var skippedEmptyLine = false
    private var framing = FramingFields()

    init(limits: Limits) { self.limits = limits }

    /// Forgets everything but the memory of the field list.
    mutating func reset() {
        facts = HeadFacts()
        fields.removeAll(keepingCapacity: true)
        (lineStart, scanned, hasRequestLine, skippedEmptyLine) = (0, 0, false, false)
        framing = FramingFields()
    }

    /// Continues with all bytes of the head so far, from its first; bytes behind the head are not touched.
    /// - Complexity: each byte is looked at a constant number of times, however it was cut.
    mutating func advance(over head: UnsafeBufferPointer<UInt8>) throws(HTTPError) -> Step {
        while true {
            if !hasRequestLine, lineStart < head.count { try checkFirstByte(head[lineStart]) }
            guard let feed = head.firstOffset(of: Byte.lf, from: scanned) else {
                try checkLimits(lineEnd: head.count)
                scanned = head.count
                return .needsMore
            }
            try checkLimits(lineEnd: feed)
            guard feed > lineStart, head[feed - 1] == Byte.cr else {
                throw .malformedRequest("a line ends with a bare line feed; lines end with CR LF")
            }
            let line = lineStart..<feed - 1
            lineStart = feed + 1
            scanned = feed + 1
            if try take(line, of: head) { return .complete(end: feed + 1) }
        }
    }

    /// - Returns: Whether this was the empty line that ends the head.
    private mutating func take(_ line: Range<Int>, of head: UnsafeBufferPointer<UInt8>) throws(HTTPError) -> Bool {
        if !hasRequestLine {
            if line.isEmpty, !skippedEmptyLine {        // RFC 9112 §2.2: one empty line before a request is forgiven
                skippedEmptyLine = true
                return false
            }
            try RequestLine.parse(line, of: head, limits: limits, into: &facts)
            hasRequestLine = true
            return false
        }
        guard line.isEmpty else {
            try takeField(line, of: head)
            return false
        }
        try framing.conclude(&facts, head: head)
        return true
    }

    private func checkFirstByte(_ byte: UInt8) throws(HTTPError) {
        guard Byte.isToken(byte) || byte == Byte.cr || byte == Byte.lf else {
            throw .malformedRequest("byte \(byte) cannot begin a request; is the client speaking TLS or another protocol?")
        }
    }

    private func checkLimits(lineEnd: Int) throws(HTTPError) {
        // 32 bytes more than the target: the method, two spaces and the version share the line.
        if !hasRequestLine, lineEnd - lineStart > limits.targetBytes + 32 { throw .targetTooLong(limit: limits.targetBytes) }
        if lineEnd >= limits.headBytes { throw .headersTooLarge(limit: limits.headBytes) }
    }

    private mutating func takeField(_ line: Range<Int>, of head: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        let first = head[line.lowerBound]
        guard first != Byte.space, first != Byte.tab else {
            throw .malformedRequest("a header line begins with white space; folded headers are not accepted")
        }
        guard let colon = head.part(line).firstOffset(of: Byte.colon, from: 0) else {
            throw .malformedRequest("a header line has no colon")
        }
        let name = head.part(line.lowerBound..<line.lowerBound + colon)
        guard Byte.areToken(name) else {
            throw .malformedRequest("a header name is empty or has a character that is not allowed, such as a space before the colon")
        }
        let value = head.part(line.lowerBound + colon + 1..<line.upperBound).trimmed
        guard Byte.areFieldValue(value) else {
            throw .malformedRequest("the value of header “\(String(decoding: name.prefix(100), as: UTF8.self))” has a control character")
        }
        guard fields.count < limits.headerFields else { throw .tooManyHeaders(limit: limits.headerFields) }
        let valueStart = value.isEmpty ? line.upperBound : value.baseAddress! - head.baseAddress!
        fields.append(FieldRange(nameStart: UInt16(line.lowerBound), nameCount: UInt16(colon),
                                 valueStart: UInt16(valueStart), valueCount: UInt16(value.count)))
        try framing.take(name, value)
    }
}
