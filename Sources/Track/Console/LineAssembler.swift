/// Makes lines of what a program prints, piece by piece. Pure, and never holds more than one line.
///
/// A carriage return takes the line back to its beginning, as on a terminal: of a progress bar its last state stays. Colours stay in the text.
struct LineAssembler {
    /// Bytes of a line; longer ones are cut into several.
    static let longestLine = 16 << 10
    private var line: [UInt8] = []
    /// A carriage return came last: what follows begins the line anew, unless it is the line's end.
    private var isReturned = false

    /// - Returns: The lines that ended within these bytes, without their ends.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                lines.append(take())
            case UInt8(ascii: "\r"):
                isReturned = true
            default:
                if isReturned { line.removeAll(keepingCapacity: true); isReturned = false }
                line.append(byte)
                if line.count >= Self.longestLine { lines.append(takeWholeCharacters()) }
            }
        }
        return lines
    }

    /// What has no end yet; `nil` if there is nothing.
    mutating func flush() -> String? { line.isEmpty ? nil : take() }

    private mutating func take() -> String {
        defer {
            line.removeAll(keepingCapacity: true)
            isReturned = false
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Cuts a line that is too long, not within a character.
    private mutating func takeWholeCharacters() -> String {
        var end = line.count
        while end > line.count - 4, end > 1, line[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > 1, line[end - 1] >= 0xC0 { end -= 1 } else { end = line.count }
        let text = String(decoding: line[..<end], as: UTF8.self)
        line.removeFirst(end)
        return text
    }
}
