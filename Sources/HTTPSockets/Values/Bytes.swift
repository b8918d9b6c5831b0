#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Byte constants and classes of RFC 9110 and RFC 9112.
enum Byte {
    static let tab = UInt8(ascii: "\t"), lf = UInt8(ascii: "\n"), cr = UInt8(ascii: "\r"), space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":"), comma = UInt8(ascii: ","), semicolon = UInt8(ascii: ";")
    static let slash = UInt8(ascii: "/"), percent = UInt8(ascii: "%"), question = UInt8(ascii: "?")
    static let star = UInt8(ascii: "*"), zero = UInt8(ascii: "0"), nine = UInt8(ascii: "9"), plus = UInt8(ascii: "+")

    /// One table for all classes: a lookup is one load, and the classes are read off as bits.
    private static let token: UInt8 = 1, value: UInt8 = 2, target: UInt8 = 4, host: UInt8 = 8
    private static let classes: [UInt8] = (0...255).map { byte in
        let character = UInt8(byte)
        var bits: UInt8 = 0
        if isAlphanumeric(character) || "!#$%&'*+-.^_`|~".utf8.contains(character) { bits |= token }
        if character == tab || (character >= space && character != 0x7F) { bits |= value }
        if character > space && character < 0x7F && character != UInt8(ascii: "#") { bits |= target }
        if isAlphanumeric(character) || "-._~!$&'()*+;=%".utf8.contains(character) { bits |= host }
        return bits
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
    }

    /// Whether every byte may stand in a token (method, field name) and there is at least one.
    static func areToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && all(bytes, token) }

    /// Whether every byte may stand in a field value: no control character but the tab.
    static func areFieldValue(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { all(bytes, value) }

    /// Whether every byte may stand in a request target: visible ASCII without `#`.
    static func areTarget(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { !bytes.isEmpty && all(bytes, target) }

    static func areFieldValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(areFieldValue)
    }

    static func isToken(_ byte: UInt8) -> Bool { classes[Int(byte)] & token != 0 }

    /// Whether the byte may stand in a registered name (RFC 3986 §3.2.2); the comma is left out, since it joins repeated headers.
    static func isHost(_ byte: UInt8) -> Bool { classes[Int(byte)] & host != 0 }

    private static func all(_ bytes: UnsafeBufferPointer<UInt8>, _ bit: UInt8) -> Bool {
        classes.withUnsafeBufferPointer { table in
            var both = bit
            for byte in bytes { both &= table[Int(byte)] }
            return both != 0
        }
    }

    /// The value of a hexadecimal digit, or `nil`.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these bytes are exactly the literal's.
    func spells(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && (count == 0 || memcmp(baseAddress!, literal.utf8Start, count) == 0)
    }

    func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }

    /// Whether these bytes are the literal's, letters of either case; the literal is in lower case.
    func spellsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<count where Byte.lowercased(self[index]) != lowercase.utf8Start[index] { return false }
        return true
    }

    /// The bytes of a range of offsets, as a buffer of its own.
    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: self[range]) }

    /// The offset of the first `byte` at or after `start`.
    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress,
              let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Without spaces and tabs at both ends.
    var trimmed: UnsafeBufferPointer<UInt8> {
        var lower = 0, upper = count
        while lower < upper, self[lower] == Byte.space || self[lower] == Byte.tab { lower += 1 }
        while upper > lower, self[upper - 1] == Byte.space || self[upper - 1] == Byte.tab { upper -= 1 }
        return part(lower..<upper)
    }

    /// How many parts between commas are not empty.
    var listElementCount: Int {
        var count = 0
        forEachListElement { _ in count += 1 }
        return count
    }

    /// Calls `body` with each part between commas, trimmed; empty parts are skipped (RFC 9110 §5.6.1).
    func forEachListElement(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var start = 0
        while start <= count {
            let end = firstOffset(of: Byte.comma, from: start) ?? count
            let element = part(start..<end).trimmed
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }
}
