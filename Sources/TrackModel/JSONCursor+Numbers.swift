#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension JSONCursor {
    /// The digits of a number, taken apart: ± mantissa · 10^exponent.
    private struct Parts {
        var negative = false
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        var isInteger = true
    }

    /// A number, or one of the literals `NaN`, `Infinity` and `-Infinity`; the nearest Double, bit-equal to `strtod`.
    @inline(__always)
    mutating func number() throws -> Double {
        let start = offset
        var parts = Parts()
        guard try scan(&parts) else { return try literal(from: start) }
        if parts.digits <= 19, let value = DecimalToDouble.convert(mantissa: parts.mantissa, exponent: parts.exponent) {
            return parts.negative ? -value : value
        }
        return slowNumber(from: start)
    }

    /// A whole number; 3.0 and 1e3 are whole, 0.5 is not.
    mutating func integer(_ what: String) throws -> Int64 {
        let start = offset
        var parts = Parts()
        guard try scan(&parts) else { throw unexpected("a whole number") }
        if parts.isInteger, parts.digits <= 19, let magnitude = Int64(exactly: parts.mantissa) { return parts.negative ? -magnitude : magnitude }
        let value = slowNumber(from: start)
        guard let whole = Int64(exactly: value), parts.digits <= 19 else {
            if parts.isInteger, let exact = Int64(String(decoding: UnsafeBufferPointer(start: base + start, count: offset - start), as: UTF8.self)) { return exact }
            throw BatchJSONError(.content, at: start, "\(what) is not a whole number of 64 bits")
        }
        return whole
    }

    /// Reads the digits; false if there is no number here.
    @inline(__always)
    private mutating func scan(_ parts: inout Parts) throws -> Bool {
        if byte == UInt8(ascii: "-") { parts.negative = true; offset += 1 }
        let first = offset
        takeDigits(&parts)
        guard offset > first else { offset = parts.negative ? first - 1 : first; return false }
        if base[first] == UInt8(ascii: "0"), offset > first + 1 { throw BatchJSONError(.syntax, at: first, "a number begins with a needless 0") }
        if byte == UInt8(ascii: ".") {
            offset += 1
            let fraction = offset
            takeDigits(&parts)
            guard offset > fraction else { throw unexpected("a digit") }
            parts.exponent = fraction - offset
            parts.isInteger = false
        }
        if byte | 0x20 == UInt8(ascii: "e") { try takeExponent(&parts) }
        return true
    }

    /// Adds digits to the mantissa, eight at a time while that many are there.
    @inline(__always)
    private mutating func takeDigits(_ parts: inout Parts) {
        if parts.mantissa == 0 { while byte == UInt8(ascii: "0") { offset += 1 } }      // leading zeros carry nothing
        let start = offset
        while count - offset >= 8 {
            let chunk = UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
            guard isEightDigits(chunk) else { break }
            parts.mantissa = parts.mantissa &* 100_000_000 &+ eightDigits(chunk)
            offset += 8
        }
        while offset < count, base[offset] &- 0x30 < 10 {
            parts.mantissa = parts.mantissa &* 10 &+ UInt64(base[offset] &- 0x30)
            offset += 1
        }
        parts.digits += offset - start
    }

    private mutating func takeExponent(_ parts: inout Parts) throws {
        offset += 1
        let negative = byte == UInt8(ascii: "-")
        if negative || byte == UInt8(ascii: "+") { offset += 1 }
        let first = offset
        var value = 0
        while offset < count, base[offset] &- 0x30 < 10 {
            value = Swift.min(value * 10 + Int(base[offset] &- 0x30), 100_000)
            offset += 1
        }
        guard offset > first else { throw unexpected("a digit") }
        parts.exponent += negative ? -value : value
        parts.isInteger = false
    }

    private mutating func literal(from start: Int) throws -> Double {
        if take(word: "NaN") { return .nan }
        if take(word: "Infinity") { return .infinity }
        if take(word: "-Infinity") { return -.infinity }
        throw unexpected("a number")
    }

    /// `strtod` on a copy that ends with a zero byte: rare, for more than 19 digits, subnormals and hard ties.
    private func slowNumber(from start: Int) -> Double {
        var text = [CChar](UnsafeBufferPointer(start: base + start, count: offset - start).map { CChar(bitPattern: $0) })
        text.append(0)
        return strtod(text, nil)
    }
}

/// Whether all eight bytes are ASCII digits. Source: Lemire, *Quickly parsing eight digits* (2018).
@inline(__always)
private func isEightDigits(_ chunk: UInt64) -> Bool {
    (chunk & 0xF0F0_F0F0_F0F0_F0F0) | (((chunk &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4) == 0x3333_3333_3333_3333
}

/// The number that eight ASCII digits stand for, the first in the lowest byte.
@inline(__always)
private func eightDigits(_ chunk: UInt64) -> UInt64 {
    var value = chunk &- 0x3030_3030_3030_3030
    value = value &* 10 &+ value >> 8
    let pairs = (value & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let others = (value >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return UInt64(truncatingIfNeeded: (pairs &+ others) >> 32)
}
