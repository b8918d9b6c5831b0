extension Checksum {
    /// XXH64 with seed 0: takes half as long as ``crc32(_:seed:)`` beside a busy writer, for what is summed at each write and read hardly ever. O(bytes).
    ///
    /// By Y. Collet, “xxHash fast digest algorithm”, version 0.1.1. Tells any change of a few bits, as a CRC does, though without its promise for short bursts.
    public static func xxh64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var place = 0, hash: UInt64
        if bytes.count >= 32 {
            var lanes = SIMD4(prime1 &+ prime2, prime2, 0, 0 &- prime1)
            while place &+ 32 <= bytes.count {
                lanes.x = round(lanes.x, word(bytes, place))
                lanes.y = round(lanes.y, word(bytes, place &+ 8))
                lanes.z = round(lanes.z, word(bytes, place &+ 16))
                lanes.w = round(lanes.w, word(bytes, place &+ 24))
                place &+= 32
            }
            hash = rotate(lanes.x, 1) &+ rotate(lanes.y, 7) &+ rotate(lanes.z, 12) &+ rotate(lanes.w, 18)
            for lane in 0..<4 { hash = (hash ^ round(0, lanes[lane])) &* prime1 &+ prime4 }
        } else {
            hash = prime5
        }
        return mixed(takingRest(bytes, from: place, hash &+ UInt64(bytes.count)))
    }

    /// What is left behind the last 32 bytes: by eight, by four, one by one.
    private static func takingRest(_ bytes: UnsafeRawBufferPointer, from start: Int, _ initial: UInt64) -> UInt64 {
        var place = start, hash = initial
        while place &+ 8 <= bytes.count {
            hash = rotate(hash ^ round(0, word(bytes, place)), 27) &* prime1 &+ prime4
            place &+= 8
        }
        if place &+ 4 <= bytes.count {
            let half = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
            hash = rotate(hash ^ half &* prime1, 23) &* prime2 &+ prime3
            place &+= 4
        }
        while place < bytes.count {
            hash = rotate(hash ^ UInt64(bytes[place]) &* prime5, 11) &* prime1
            place &+= 1
        }
        return hash
    }

    private static func mixed(_ given: UInt64) -> UInt64 {
        var hash = given
        hash = (hash ^ hash &>> 33) &* prime2
        hash = (hash ^ hash &>> 29) &* prime3
        return hash ^ hash &>> 32
    }

    private static var prime1: UInt64 { 0x9E37_79B1_85EB_CA87 }
    private static var prime2: UInt64 { 0xC2B2_AE3D_27D4_EB4F }
    private static var prime3: UInt64 { 0x1656_67B1_9E37_79F9 }
    private static var prime4: UInt64 { 0x85EB_CA77_C2B2_AE63 }
    private static var prime5: UInt64 { 0x27D4_EB2F_1656_67C5 }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { rotate(lane &+ word &* prime2, 31) &* prime1 }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { word &<< bits | word &>> (64 &- bits) }
}
