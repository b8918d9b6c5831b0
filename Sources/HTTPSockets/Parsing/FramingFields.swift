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

    mutating func take(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        switch name.count {
        case 4 where name.spellsIgnoringCase("host"): try takeHost(value)
        case 6 where name.spellsIgnoringCase("expect"): try takeExpectation(value)
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
        facts.expectsContinue = expectsContinue && facts.minorVersion == 1
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
        guard found > 0 else { throw .malformedRequest("Transfer-Encoding is empty") }
        guard !repeated else { throw .malformedRequest("“chunked” is given more than once") }
        codings += found
    }

    private mutating func takeConnection(_ value: UnsafeBufferPointer<UInt8>) {
        value.forEachListElement { option in
            if option.spellsIgnoringCase("close") { saysClose = true }
            if option.spellsIgnoringCase("keep-alive") { saysKeepAlive = true }
        }
    }

    private mutating func takeExpectation(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPError) {
        guard value.spellsIgnoringCase("100-continue") else {
            throw .expectationFailed(String(decoding: value.prefix(100), as: UTF8.self))
        }
        expectsContinue = true
    }

    /// Whether these bytes can be `host[:port]` of a URI; empty is allowed (RFC 9112 §3.2).
    static func isHost(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        value.allSatisfy { Byte.isAlphanumeric($0) || "-._~!$&'()*+;=:[]%".utf8.contains($0) }
    }
}
