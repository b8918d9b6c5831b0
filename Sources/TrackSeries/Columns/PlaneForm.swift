import CZlib

/// The bytes of all values, the first bytes together, then the second, and so on; each such plane compressed if that pays.
/// Exponents compress, mantissas of noise do not.
enum PlaneForm {
    /// `nil` if it would not be smaller than `limit` bytes. Values that are all Floats have four planes, others eight.
    static func encode(_ values: [Double], ifSmallerThan limit: Int) -> [UInt8]? {
        let isFloat = values.allSatisfy { Double(Float($0)).bitPattern == $0.bitPattern }
        let planes = isFloat ? self.planes(values.map { Float($0).bitPattern }) : self.planes(values.map(\.bitPattern))
        var bytes: [UInt8] = [UInt8(planes.count)]
        for (number, plane) in planes.reversed().enumerated() {         // exponents first: they tell whether it pays
            if let packed = compressed(plane) {
                bytes.add(UInt32(packed.count))
                bytes.append(contentsOf: packed)
            } else {
                bytes.add(UInt32(0))
                bytes.append(contentsOf: plane)
            }
            let hopeless = bytes.count + (number == 1 ? (planes.count - 2) * values.count * 3 / 4 : 0)
            if hopeless >= limit { return nil }
        }
        return bytes
    }

    private static func planes<Bits: FixedWidthInteger>(_ values: [Bits]) -> [[UInt8]] {
        (0..<(Bits.bitWidth / 8)).map { plane in values.map { UInt8(truncatingIfNeeded: $0 >> Bits(plane * 8)) } }
    }

    /// `nil` unless a sixteenth is saved.
    private static func compressed(_ plane: [UInt8]) -> [UInt8]? {
        if Noise.isLikely(plane) { return nil }
        var length = compressBound(UInt(plane.count))
        var packed = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&packed, &length, plane, UInt(plane.count), 4) == Z_OK, Int(length) < plane.count * 15 / 16 else { return nil }
        packed.removeLast(packed.count - Int(length))
        return packed
    }

    static func decode(_ reader: inout ColumnReader, count: Int) throws -> [Double] {
        let number = Int(try reader.integer(UInt8.self))
        guard number == 4 || number == 8 else { throw DamagedBytes("a column claims \(number) planes") }
        var planes = [UInt8](repeating: 0, count: number * count)
        try planes.withUnsafeMutableBufferPointer { planes in
            for plane in (0..<number).reversed() { try self.plane(&reader, into: UnsafeMutableBufferPointer(rebasing: planes[plane * count..<(plane + 1) * count])) }
        }
        return planes.withUnsafeBufferPointer { planes in
            [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
                let out = buffer.baseAddress!, bytes = planes.baseAddress!
                if number == 4 { joinFloats(bytes, count, out) } else { joinDoubles(bytes, count, out) }
                initialized = count
            }
        }
    }

    /// Without a check of each sum, so that the compiler takes several values at a time.
    private static func joinFloats(_ planes: UnsafePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<Double>) {
        for index in 0..<count { (out + index).initialize(to: Double(Float(bitPattern: word(planes, count, index)))) }
    }

    private static func joinDoubles(_ planes: UnsafePointer<UInt8>, _ count: Int, _ out: UnsafeMutablePointer<Double>) {
        let upper = planes + 4 * count
        for index in 0..<count {
            let low = word(planes, count, index), high = word(upper, count, index)
            (out + index).initialize(to: Double(bitPattern: UInt64(low) | UInt64(high) &<< 32))
        }
    }

    @inline(__always)
    private static func word(_ planes: UnsafePointer<UInt8>, _ count: Int, _ index: Int) -> UInt32 {
        let low = UInt32(planes[index]) | UInt32(planes[count &+ index]) &<< 8
        return low | UInt32(planes[2 &* count &+ index]) &<< 16 | UInt32(planes[3 &* count &+ index]) &<< 24
    }

    private static func plane(_ reader: inout ColumnReader, into plane: UnsafeMutableBufferPointer<UInt8>) throws {
        let length = Int(try reader.integer(UInt32.self))
        guard length > 0 else {
            UnsafeMutableRawBufferPointer(plane).copyMemory(from: try reader.bytes(plane.count))
            return
        }
        let packed = try reader.bytes(length)
        var written = UInt(plane.count)
        let result = uncompress(plane.baseAddress!, &written, packed.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt(length))
        guard result == Z_OK, Int(written) == plane.count else { throw DamagedBytes("a compressed column cannot be read") }
    }
}
