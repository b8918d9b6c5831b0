#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How the end of a request's body is found (RFC 9112 §6).
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// Where a header field stands in the bytes of a head. 16 bits suffice: ``Limits/headBytes`` is at most 65 535.
struct FieldRange: Equatable, Sendable {
    var nameStart: UInt16, nameCount: UInt16, valueStart: UInt16, valueCount: UInt16

    var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameCount) }
    var value: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueCount) }
}

/// What the lines of a head say about the message, found while they are parsed.
struct HeadFacts: Equatable, Sendable {
    var method = 0..<0
    /// The target as sent; `path` and `query` are parts of it.
    var target = 0..<0
    var path = 0..<0
    var query: Range<Int>?
    var authority: Range<Int>?
    var minorVersion = 1
    var framing = BodyFraming.none
    var keepsAlive = true
    var expectsContinue = false
}

/// The bytes of a request's head and the places of its parts: strings are made when somebody reads them.
///
/// One block of memory for each request; immutable, so that it may be shared between threads.
final class RequestHead: @unchecked Sendable {     // immutable after init
    private let block: UnsafeMutableRawPointer
    let byteCount: Int
    let fieldCount: Int
    let facts: HeadFacts
    /// Whether a proxy says that it passed the request on.
    let isForwarded: Bool

    init(bytes: UnsafeBufferPointer<UInt8>, fields: [FieldRange], facts: HeadFacts) {
        let fieldBytes = fields.count * MemoryLayout<FieldRange>.stride
        block = malloc(max(1, fieldBytes + bytes.count))!
        byteCount = bytes.count
        fieldCount = fields.count
        self.facts = facts
        isForwarded = fields.contains { Self.isForwarding(bytes.part($0.name)) }
        fields.withUnsafeBytes { if let source = $0.baseAddress { memcpy(block, source, fieldBytes) } }
        if let source = bytes.baseAddress { memcpy(block + fieldBytes, source, bytes.count) }
    }

    deinit { free(block) }

    private static func isForwarding(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.count {
        case 3: name.spellsIgnoringCase("via")
        case 9: name.spellsIgnoringCase("x-real-ip") || name.spellsIgnoringCase("forwarded")
        case 15: name.spellsIgnoringCase("x-forwarded-for")
        case 16: name.spellsIgnoringCase("x-forwarded-host")
        default: false
        }
    }

    /// The fields' places, in order.
    var fieldRanges: UnsafeBufferPointer<FieldRange> {
        UnsafeBufferPointer(start: block.assumingMemoryBound(to: FieldRange.self), count: fieldCount)
    }

    /// The bytes of a part; valid while the head is alive.
    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        let bytes = (block + fieldCount * MemoryLayout<FieldRange>.stride).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    }

    /// The part as text; bytes that are no UTF-8 become U+FFFD.
    func text(_ range: Range<Int>) -> String {
        withExtendedLifetime(self) { String(decoding: part(range), as: UTF8.self) }
    }

    /// Whether `bytes` begin with this very head.
    func isStart(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count >= byteCount && memcmp(bytes.baseAddress!, block + fieldCount * MemoryLayout<FieldRange>.stride, byteCount) == 0
    }

    var allFields: [(name: String, value: String)] {
        (0..<fieldCount).map { (name: text(fieldRanges[$0].name), value: text(fieldRanges[$0].value)) }
    }

    /// The first value of `name`, compared without case.
    func value(of name: String) -> String? {
        var name = name
        let place = name.withUTF8 { wanted in firstIndex(of: wanted) }
        return place.map { text(fieldRanges[$0].value) }
    }

    /// Whether that is `value`, letter for letter.
    func says(_ name: String, _ value: String) -> Bool {
        var name = name, value = value
        guard let place = name.withUTF8({ wanted in firstIndex(of: wanted) }) else { return false }
        return value.withUTF8 { $0.elementsEqual(part(fieldRanges[place].value)) }
    }

    private func firstIndex(of wanted: UnsafeBufferPointer<UInt8>) -> Int? {
        let fields = fieldRanges
        search: for index in 0..<fieldCount where fields[index].nameCount == wanted.count {
            let name = part(fields[index].name)
            for offset in 0..<wanted.count where Byte.lowercased(name[offset]) != Byte.lowercased(wanted[offset]) {
                continue search
            }
            return index
        }
        return nil
    }
}
