extension JSONCursor {
    /// Resolves `\n`, `\u00e9`, surrogate pairs and the like.
    func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { throw BatchJSONError(.syntax, at: start + index, "an escape is incomplete") }
            if bytes[index + 1] == UInt8(ascii: "u") {
                let scalar = try unicodeEscape(bytes, &index, at: start)
                text.append(contentsOf: Array(String(scalar).utf8))
            } else {
                text.append(try simpleEscape(bytes[index + 1], at: start + index))
                index += 2
            }
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw BatchJSONError(.syntax, at: start, "a string is not UTF-8") }
        return string
    }

    private func simpleEscape(_ letter: UInt8, at offset: Int) throws -> UInt8 {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: throw BatchJSONError(.syntax, at: offset, "\"\\\(Character(UnicodeScalar(letter)))\" is not an escape of JSON")
        }
    }

    private func unicodeEscape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, at start: Int) throws -> Unicode.Scalar {
        let first = try hexadecimal(bytes, index, at: start)
        index += 6
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            throw BatchJSONError(.syntax, at: start + index - 6, "half a surrogate pair stands alone")
        }
        let second = try hexadecimal(bytes, index, at: start)
        guard (0xDC00..<0xE000).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
            throw BatchJSONError(.syntax, at: start + index, "half a surrogate pair stands alone")
        }
        index += 6
        return scalar
    }

    private func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, at start: Int) throws -> UInt32 {
        guard index + 6 <= bytes.count else { throw BatchJSONError(.syntax, at: start + index, "an escape is incomplete") }
        var value: UInt32 = 0
        for digit in bytes[(index + 2)..<(index + 6)] {
            guard let nibble = Character(UnicodeScalar(digit)).hexDigitValue, digit < 0x80 else {
                throw BatchJSONError(.syntax, at: start + index, "\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(nibble)
        }
        return value
    }
}
