/// Floating-point bits as integers in the order of the values, packed above the least: a column within few octaves sheds its exponents.
enum OrderedForm {
    /// `nil` unless every value is exactly a Float.
    static func encodeFloats(_ values: [Double]) -> [UInt8]? {
        guard values.allSatisfy({ Double(Float($0)) == $0 }) else { return nil }
        return encode(values) { UInt64(ordered(Float($0).bitPattern)) }
    }

    static func encodeDoubles(_ values: [Double]) -> [UInt8] { encode(values) { ordered($0.bitPattern) } }

    @inline(__always)
    private static func encode(_ values: [Double], _ ordered: (Double) -> UInt64) -> [UInt8] {
        var least = UInt64.max, greatest = UInt64.min
        for value in values {
            let number = ordered(value)
            (least, greatest) = (Swift.min(least, number), Swift.max(greatest, number))
        }
        let width = BitPacking.width(greatest - least)
        var bytes: [UInt8] = [UInt8(width)]
        bytes.add(least)
        BitPacking.pack(values.count, width: width, into: &bytes) { ordered(values[$0]) &- least }
        return bytes
    }

    static func decodeFloats(_ reader: inout ColumnReader, count: Int) throws -> [Double] {
        let width = Int(try reader.integer(UInt8.self)), least = UInt32(truncatingIfNeeded: try reader.integer(UInt64.self))
        let packed = try reader.packed(count, width: width)
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            let out = buffer.baseAddress!
            BitPacking.unpack(packed, count: count, width: width) { index, bits in
                (out + index).initialize(to: Double(Float(bitPattern: unordered(least &+ UInt32(truncatingIfNeeded: bits)))))
            }
            initialized = count
        }
    }

    static func decodeDoubles(_ reader: inout ColumnReader, count: Int) throws -> [Double] {
        let width = Int(try reader.integer(UInt8.self)), least = try reader.integer(UInt64.self)
        let packed = try reader.packed(count, width: width)
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            let out = buffer.baseAddress!
            BitPacking.unpack(packed, count: count, width: width) { index, bits in
                (out + index).initialize(to: Double(bitPattern: unordered(least &+ bits)))
            }
            initialized = count
        }
    }

    @inline(__always)
    private static func ordered<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> Bits {
        let sign: Bits = 1 << (Bits.bitWidth - 1)
        return bits & sign == 0 ? bits | sign : ~bits
    }

    @inline(__always)
    private static func unordered<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> Bits {
        let sign: Bits = 1 << (Bits.bitWidth - 1)
        return bits & sign == 0 ? ~bits : bits ^ sign
    }
}
