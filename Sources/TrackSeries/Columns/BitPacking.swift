/// Numbers of `width` bits side by side, the first in the lowest bits. Eight bytes of zeros follow, so that reading needs no last case.
enum BitPacking {
    /// Bytes that `count` numbers of `width` bits take, padding included.
    static func bytes(_ count: Int, width: Int) -> Int { width == 0 ? 0 : (count * width + 7) / 8 + 8 }

    /// Appends `count` numbers, each below 2 to the power of `width`. Inlined with what makes them.
    @inline(__always)
    static func pack(_ count: Int, width: Int, into bytes: inout [UInt8], _ number: (Int) -> UInt64) {
        if width == 0 { return }
        let packed = [UInt8](unsafeUninitializedCapacity: self.bytes(count, width: width)) { buffer, initialized in
            initialized = self.bytes(count, width: width)
            var out = UnsafeMutableRawPointer(buffer.baseAddress!), held: UInt64 = 0, bits = 0
            for index in 0..<count {
                let value = number(index)
                held |= value &<< UInt64(bits)
                bits += width
                if bits < 64 { continue }
                out.storeBytes(of: held.littleEndian, as: UInt64.self)
                out += 8
                bits -= 64
                held = bits == 0 ? 0 : value &>> UInt64(width - bits)
            }
            // Of the bits that are left the whole bytes, then zeros to the end.
            let end = UnsafeMutableRawPointer(buffer.baseAddress!) + initialized
            out.initializeMemory(as: UInt8.self, repeating: 0, count: end - out)
            withUnsafeBytes(of: held.littleEndian) { out.copyMemory(from: $0.baseAddress!, byteCount: (bits + 7) / 8) }
        }
        bytes.append(contentsOf: packed)
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
