import CZlib

/// The bytes of all values, the first bytes together, then the second, and so on; each such plane compressed if that pays.
/// Exponents compress, mantissas of noise do not.
enum PlaneForm {
    /// `nil` if it would not be smaller than `limit` bytes. Values that are all Floats have four planes, others eight.
    static func encode(_ values: [Double], ifSmallerThan limit: Int) -> [UInt8]? {
        if values.isEmpty { return nil }
        let number = values.allSatisfy { Double(Float($0)).bitPattern == $0.bitPattern } ? 4 : 8, count = values.count
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: number * count) { planes in
            if number == 4 { split(values, into: planes) { Float($0).bitPattern } } else { split(values, into: planes, \.bitPattern) }
            let parts = (0..<number).reversed().map { UnsafeBufferPointer(rebasing: planes[$0 * count..<($0 + 1) * count]) }
            return encode(parts, ifSmallerThan: limit)
        }
    }

    /// Exponents first: they tell whether it pays.
    private static func encode(_ planes: [UnsafeBufferPointer<UInt8>], ifSmallerThan limit: Int) -> [UInt8]? {
        var expected = 1 + 4 * planes.count, estimates: [PlaneEstimate] = []
        for plane in planes {
            estimates.append(PlaneEstimate(plane))
            expected += estimates.last!.bytes
            if expected >= limit { return nil }
        }
        var bytes: [UInt8] = [UInt8(planes.count)]
        for (plane, estimate) in zip(planes, estimates) {
            let start = bytes.count
            append(plane, estimate, to: &bytes)
            expected += bytes.count - start - 4 - estimate.bytes
            if expected >= limit { return nil }
        }
        return bytes
    }

    private static func split<Bits: FixedWidthInteger>(_ values: [Double], into planes: UnsafeMutableBufferPointer<UInt8>, _ bits: (Double) -> Bits) {
        let count = values.count
        for (index, value) in values.enumerated() {
            let bits = bits(value)
            for plane in 0..<(Bits.bitWidth / 8) { planes[plane &* count &+ index] = UInt8(truncatingIfNeeded: bits &>> Bits(plane &* 8)) }
        }
    }

    /// Compressed only if a sixteenth is saved.
    private static func append(_ plane: UnsafeBufferPointer<UInt8>, _ estimate: PlaneEstimate, to bytes: inout [UInt8]) {
        if estimate.bytes < plane.count {
            let most = plane.count * 15 / 16, windowBits = Int32(Swift.max(9, Swift.min(15, Int.bitWidth - plane.count.leadingZeroBitCount)))
            let packed = [UInt8](unsafeUninitializedCapacity: most) { buffer, length in
                length = Int(track_deflate_plane(plane.baseAddress, UInt32(plane.count), windowBits, estimate.repeats ? 0 : 1, buffer.baseAddress, UInt32(most)))
            }
            if !packed.isEmpty {
                bytes.add(UInt32(packed.count))
                bytes.append(contentsOf: packed)
                return
            }
        }
        bytes.add(UInt32(0))
        bytes.append(contentsOf: plane)
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
