/// The header fields that decide where a message ends and whether the connection stays: judged strictly, because two
/// readers that disagree about them can be made to smuggle requests (RFC 9112 §6.3, §11.2).
struct FramingFields {
    private var length: Int?
    private var codings = 0
    private var isChunked = false
    private var hosts = 0
    private var saysClose = false
    private var saysKeepAlive = false
    private var expectsContinue = false
    private var unknownExpectation: String?

    mutating func take(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        switch name.count {
        case 4 where name.spellsIgnoringCase("host"): try takeHost(value)
        case 6 where name.spellsIgnoringCase("expect"): takeExpectation(value)
        case 10 where name.spellsIgnoringCase("connection"): takeConnection(value)
        case 14 where name.spellsIgnoringCase("content-length"): try takeLength(value)
        case 17 where name.spellsIgnoringCase("transfer-encoding"): try takeCodings(value)
        default: break
        }
    }

    /// Checks the fields against each other and writes what they mean into `facts`.
    func conclude(_ facts: inout HeadFacts, head: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        guard hosts == 1 || (hosts == 0 && facts.minorVersion == 0) else {
            throw .malformedRequest("the request has no Host header")
        }
        if codings > 0 {
            guard length == nil else {
                throw .malformedRequest("the request has both Content-Length and Transfer-Encoding")
            }
            guard facts.minorVersion == 1 else {
                throw .malformedRequest("Transfer-Encoding is not part of HTTP/1.0")
            }
            guard isChunked else { throw .malformedRequest("the last transfer coding is not “chunked”") }
            facts.framing = .chunked
        } else if let length {
            facts.framing = length == 0 ? .none : .length(length)
        }
        facts.keepsAlive = !saysClose && (facts.minorVersion == 1 || saysKeepAlive)
        // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
        guard facts.minorVersion == 1 else { return }
        if let unknownExpectation { throw .expectationFailed(unknownExpectation) }
        facts.expectsContinue = expectsContinue
    }

    private mutating func takeHost(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        hosts += 1
        guard hosts == 1 else { throw .malformedRequest("the request has more than one Host header") }
        guard Self.isHost(value) else { throw .malformedRequest("the Host header is not a host and port") }
    }

    private mutating func takeLength(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        guard length == nil else { throw .malformedRequest("the request has more than one Content-Length header") }
        var number = 0
        for byte in value {
            guard byte >= Byte.zero, byte <= Byte.nine else {
                throw .malformedRequest("Content-Length is not a plain decimal number")
            }
            let (product, overflowed) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(Int(byte - Byte.zero))
            guard !overflowed, !carried else { throw .bodyTooLarge(limit: .max) }
            number = sum
        }
        guard !value.isEmpty else { throw .malformedRequest("Content-Length is empty") }
        length = number
    }

    private mutating func takeCodings(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        var unknown: String?
        var found = 0, repeated = isChunked
        // Empty elements are legal, but readers disagree about them: here they can only be an attack.
        guard !value.isEmpty, value.reduce(1, { $0 + ($1 == Byte.comma ? 1 : 0) }) == value.listElementCount else {
            throw .malformedRequest("Transfer-Encoding is empty or has an empty part")
        }
        value.forEachListElement { coding in
            found += 1
            if coding.spellsIgnoringCase("chunked") {
                if isChunked { repeated = true }
                isChunked = true
            } else if unknown == nil {
                unknown = String(decoding: coding.prefix(100), as: UTF8.self)
            }
        }
        if let unknown { throw .unsupportedCoding(unknown) }
        guard !repeated else { throw .malformedRequest("“chunked” is given more than once") }
        codings += found
    }

    private mutating func takeConnection(_ value: UnsafeBufferPointer<UInt8>) {
        value.forEachListElement { option in
            if option.spellsIgnoringCase("close") { saysClose = true }
            if option.spellsIgnoringCase("keep-alive") { saysKeepAlive = true }
        }
    }

    private mutating func takeExpectation(_ value: UnsafeBufferPointer<UInt8>) {
        if value.spellsIgnoringCase("100-continue") { expectsContinue = true } else {
            unknownExpectation = String(decoding: value.prefix(100), as: UTF8.self)
        }
    }

    /// Whether these bytes can be `host[:port]` of a URI; empty is allowed (RFC 9112 §3.2).
    static func isHost(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        var hostEnd = 0
        if value.first == UInt8(ascii: "[") {
            guard let bracket = value.firstOffset(of: UInt8(ascii: "]"), from: 1), bracket > 1 else { return false }
            guard value.part(1..<bracket).allSatisfy({ Byte.isHost($0) || $0 == Byte.colon }) else { return false }
            hostEnd = bracket + 1
        } else {
            while hostEnd < value.count, Byte.isHost(value[hostEnd]) { hostEnd += 1 }
        }
        guard hostEnd < value.count else { return true }
        return hostEnd > 0 && value[hostEnd] == Byte.colon && isPort(value.part(hostEnd + 1..<value.count))
    }

    /// Digits up to 65535; none at all stands for the scheme's own port (RFC 3986 §3.2.3).
    private static func isPort(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        guard digits.count <= 5, digits.allSatisfy({ $0 >= Byte.zero && $0 <= Byte.nine }) else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - Byte.zero) } <= 65_535
    }
}
