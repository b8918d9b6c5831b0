/// Walks over JSON bytes in place. It also reads `NaN`, `Infinity` and `-Infinity` as Python writes them.
///
/// Valid only while the bytes it points into live.
struct JSONCursor {
    let base: UnsafePointer<UInt8>
    let count: Int
    var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        // An empty array may have no address; the cursor then never reads.
        base = bytes.baseAddress ?? UnsafePointer(bitPattern: 1)!
        count = bytes.count
    }

    /// The byte here, 0 at the end.
    @inline(__always) var byte: UInt8 { offset < count ? base[offset] : 0 }

    @inline(__always) mutating func skipSpace() {
        while offset < count, base[offset] <= 0x20, base[offset] == 0x20 || base[offset] == 0x0A || base[offset] == 0x0D || base[offset] == 0x09 {
            offset += 1
        }
    }

    /// Takes `expected` if it comes next, spaces before it skipped.
    @inline(__always) mutating func take(_ expected: UInt8) -> Bool {
        if offset < count, base[offset] == expected { offset += 1; return true }
        skipSpace()
        guard offset < count, base[offset] == expected else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ expected: UInt8) throws {
        guard take(expected) else { throw unexpected("\"\(Character(UnicodeScalar(expected)))\"") }
    }

    func unexpected(_ wanted: String) -> BatchJSONError {
        if offset >= count { return BatchJSONError(.syntax, at: count, "it ends where \(wanted) should be") }
        let found = base[offset]
        let shown = (0x21...0x7E).contains(found) ? "\"\(Character(UnicodeScalar(found)))\"" : "byte 0x" + String(found, radix: 16, uppercase: true)
        return BatchJSONError(.syntax, at: offset, "\(wanted) should be where \(shown) is")
    }

    /// Takes a word such as `null`; nothing moves if something else is here.
    mutating func take(word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count - offset >= length else { return false }
        for index in 0..<length where base[offset + index] != word.utf8Start[index] { return false }
        offset += length
        return true
    }

    /// The raw bytes of a string between its quotes; `escaped` says whether it holds a backslash.
    @inline(__always)
    mutating func rawString() throws -> (start: Int, end: Int, escaped: Bool) {
        guard take(UInt8(ascii: "\"")) else { throw unexpected("a string") }
        let start = offset
        var escaped = false
        while offset < count {
            let found = base[offset]
            if found == UInt8(ascii: "\"") {
                offset += 1
                return (start, offset - 1, escaped)
            }
            if found == UInt8(ascii: "\\") { escaped = true; offset += 1 }
            else if found < 0x20 { throw BatchJSONError(.syntax, at: offset, "a control character stands unescaped in a string") }
            offset += 1
        }
        throw BatchJSONError(.syntax, at: start - 1, "a string that begins there never ends")
    }

    mutating func string() throws -> String {
        let raw = try rawString()
        return try text(raw)
    }

    /// The text of a raw string, escapes resolved.
    func text(_ raw: (start: Int, end: Int, escaped: Bool)) throws -> String {
        let bytes = UnsafeBufferPointer(start: base + raw.start, count: raw.end - raw.start)
        if raw.escaped { return try unescaped(bytes, at: raw.start) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw BatchJSONError(.syntax, at: raw.start, "a string is not UTF-8") }
        return text
    }
}
