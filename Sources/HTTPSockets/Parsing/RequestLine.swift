/// The first line of a request: `METHOD SP target SP HTTP/1.x` (RFC 9112 §3).
enum RequestLine {
    static func parse(
        _ line: Range<Int>, of head: UnsafeBufferPointer<UInt8>, limits: Limits, into facts: inout HeadFacts
    ) throws(HTTPError) {
        guard let methodEnd = head.firstOffset(of: Byte.space, from: line.lowerBound), methodEnd < line.upperBound,
              let targetEnd = head.firstOffset(of: Byte.space, from: methodEnd + 1), targetEnd < line.upperBound else {
            throw .malformedRequest("the request line is not “METHOD target HTTP/1.1”")
        }
        facts.method = line.lowerBound..<methodEnd
        facts.target = methodEnd + 1..<targetEnd
        guard Byte.areToken(head.part(facts.method)) else {
            throw .malformedRequest("the request line does not begin with a method")
        }
        facts.minorVersion = try minorVersion(head.part(targetEnd + 1..<line.upperBound))
        facts.keepsAlive = facts.minorVersion == 1
        guard facts.target.count <= limits.targetBytes else { throw .targetTooLong(limit: limits.targetBytes) }
        guard Byte.areTarget(head.part(facts.target)) else {
            throw .invalidTarget("it is empty or has a character that must be percent-encoded")
        }
        try splitTarget(of: head, &facts)
    }

    private static func minorVersion(_ version: UnsafeBufferPointer<UInt8>) throws(HTTPError) -> Int {
        if version.spells("HTTP/1.1") { return 1 }
        if version.spells("HTTP/1.0") { return 0 }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard version.count == 8, version.part(0..<5).spells("HTTP/"), digits.contains(version[5]),
              version[6] == UInt8(ascii: "."), digits.contains(version[7]) else {
            throw .malformedRequest("the request line does not end with the version “HTTP/1.1”")
        }
        throw .unsupportedVersion(String(decoding: version, as: UTF8.self))
    }

    private static func splitTarget(of head: UnsafeBufferPointer<UInt8>, _ facts: inout HeadFacts) throws(HTTPError) {
        let method = head.part(facts.method)
        var start = facts.target.lowerBound
        let end = facts.target.upperBound
        if head[start] == Byte.star, facts.target.count == 1 {
            guard method.spells("OPTIONS") else { throw .invalidTarget("“*” is for OPTIONS only") }
            facts.path = facts.target
            return
        }
        if method.spells("CONNECT") { throw .unknownMethod("CONNECT") }
        if head[start] != Byte.slash {
            start = try authorityEnd(of: head, &facts)
        }
        let question = head.part(start..<end).firstOffset(of: Byte.question, from: 0).map { start + $0 }
        facts.path = start..<(question ?? end)
        facts.query = question.map { $0 + 1..<end }
    }

    /// Absolute form, `http://host/path`: servers must accept it, and its authority replaces Host (RFC 9112 §3.2.2).
    private static func authorityEnd(of head: UnsafeBufferPointer<UInt8>, _ facts: inout HeadFacts) throws(HTTPError) -> Int {
        let target = head.part(facts.target)
        let schemeCount = target.count >= 7 && target.part(0..<7).spellsIgnoringCase("http://") ? 7
            : target.count >= 8 && target.part(0..<8).spellsIgnoringCase("https://") ? 8 : 0
        guard schemeCount > 0 else { throw .invalidTarget("it begins neither with “/” nor with “http://”") }
        let start = facts.target.lowerBound + schemeCount
        var end = start
        while end < facts.target.upperBound, head[end] != Byte.slash, head[end] != Byte.question { end += 1 }
        guard end > start, FramingFields.isHost(head.part(start..<end)) else {
            throw .invalidTarget("its host is empty or not valid")
        }
        facts.authority = start..<end
        return end
    }
}
