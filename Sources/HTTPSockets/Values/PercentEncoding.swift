/// Percent-encoding of RFC 3986.
public enum PercentEncoding {
    /// Decodes `%XX`; `nil` if a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8 or hold NUL.
    /// - Parameter plusIsSpace: Forms and queries write a space as `+`; paths do not.
    public static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String? {
        var decoded: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == Byte.percent {
                guard let high = iterator.next().flatMap(Byte.hexValue),
                      let low = iterator.next().flatMap(Byte.hexValue),
                      high | low != 0 else { return nil }
                decoded.append(high << 4 | low)
            } else {
                decoded.append(plusIsSpace && byte == Byte.plus ? Byte.space : byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Encodes everything but letters, digits and `-._~`, so that the result is one path segment or query value.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if Byte.isAlphanumeric(byte) || "-._~".utf8.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [Byte.percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
