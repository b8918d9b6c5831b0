import TrackModel

/// Appends JSON to bytes: answers of a hundred thousand numbers are too many for `Codable`.
struct JSONWriter {
    var bytes: [UInt8] = []
    private var needsComma = false

    mutating func raw(_ text: StaticString) { bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func open(_ bracket: Character) { comma(); bytes.append(bracket.asciiValue!); needsComma = false }
    mutating func close(_ bracket: Character) { bytes.append(bracket.asciiValue!); needsComma = true }
    mutating func comma() { if needsComma { bytes.append(0x2C) }; needsComma = true }

    mutating func key(_ name: String) {
        comma()
        string(name)
        bytes.append(0x3A)
        needsComma = false
    }

    /// A number; null for NaN, the word for an infinity.
    mutating func number(_ value: Double) {
        comma()
        if value.isNaN { raw("null") }
        else if value.isInfinite { raw(value > 0 ? "\"Infinity\"" : "\"-Infinity\"") }
        else if value.magnitude < 0x1p53, value == value.rounded(.towardZero), value.sign == .plus || value != 0 { raw(String(Int64(value))) }
        else { raw(value.description) }
    }

    mutating func integer(_ value: some BinaryInteger) { comma(); raw(String(value)) }
    mutating func bool(_ value: Bool) { comma(); raw(value ? "true" : "false") }
    mutating func null() { comma(); raw("null") }

    mutating func text(_ value: String?) {
        comma()
        if let value { string(value) } else { raw("null") }
    }

    private mutating func string(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes.append(0x5C); bytes.append(byte)
            case 0..<0x20:
                raw("\\u00")
                for nibble in [byte >> 4, byte & 15] { bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): if value.isNaN { text("NaN") } else { number(value) }
        case .string(let value): text(value)
        case .array(let values):
            open("[")
            for value in values { self.value(value) }
            close("]")
        case .object(let members):
            open("{")
            for (key, member) in members.sorted(by: { $0.key < $1.key }) { self.key(key); self.value(member) }
            close("}")
        }
    }
}
