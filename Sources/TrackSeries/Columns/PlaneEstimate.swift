import Foundation

/// What a compressor would make of a plane of bytes, told in a tenth of the time that trying takes: the low bytes of measured numbers are
/// noise, which nothing makes smaller.
///
/// An estimate: a plane that is misjudged is stored longer than needed, never wrong.
struct PlaneEstimate {
    /// How long the plane would be; its own length unless compressing saves a sixteenth.
    let bytes: Int
    /// Some of it stood before, in the same order; else only the bytes' unequal frequencies and their runs are of use.
    let repeats: Bool

    init(_ plane: UnsafeBufferPointer<UInt8>) {
        let (bits, distinct) = Self.entropy(plane)
        let repeated = Self.repeats(plane, bits: bits)
        let code = 11 + 0.6 * Double(distinct)              // zlib's frame and the lengths of the code's words
        let estimate = code + bits / 8 * Double(plane.count - repeated)
        bytes = estimate < Double(plane.count) * 15 / 16 ? Int(estimate) : plane.count
        repeats = repeated * 16 > plane.count
    }

    /// Shannon's entropy of single bytes, in bits: what a Huffman code needs for each at least. And how many different ones there are.
    private static func entropy(_ plane: UnsafeBufferPointer<UInt8>) -> (bits: Double, distinct: Int) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            for byte in plane { counts[Int(byte)] &+= 1 }
            let sum = logs.withUnsafeBufferPointer { logs in
                counts.reduce(0.0) { $0 + (Int($1) < logs.count ? logs[Int($1)] : Double($1) * log2(Double($1))) }
            }
            return (log2(Double(plane.count)) - sum / Double(plane.count), counts.count { $0 > 0 })
        }
    }

    /// n log₂ n for the counts that noise has.
    private static let logs = [0] + (1..<256).map { Double($0) * log2(Double($0)) }

    /// At how many places bytes stand that stood before, and not by chance: the fewer bits a byte has, the more of them must agree.
    private static func repeats(_ plane: UnsafeBufferPointer<UInt8>, bits: Double) -> Int {
        switch bits {
        case ..<1.5: repeats(plane, of: SIMD4<UInt64>.self)
        case ..<3: repeats(plane, of: SIMD2<UInt64>.self)
        case ..<6: repeats(plane, of: UInt64.self)
        default: repeats(plane, of: UInt32.self)
        }
    }

    /// At how many places a word stands that a table of what came before remembers.
    private static func repeats<Word: PlaneWord>(_ plane: UnsafeBufferPointer<UInt8>, of _: Word.Type) -> Int {
        let places = plane.count - MemoryLayout<Word>.size + 1
        guard places > 0 else { return 0 }
        let width = Swift.max(4, Swift.min(14, Int.bitWidth - places.leadingZeroBitCount + 1))
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << width) { last in
            last.initialize(repeating: 0)
            var repeats = 0
            for place in 0..<places {
                let key = UnsafeRawPointer(plane.baseAddress! + place).loadUnaligned(as: Word.self).key
                let slot = Int(truncatingIfNeeded: key >> UInt64(64 - width)), rest = UInt32(truncatingIfNeeded: key >> 16)
                if last[slot] == rest { repeats &+= 1 }
                last[slot] = rest
            }
            return repeats
        }
    }
}

/// Some bytes side by side, told apart by a number whose upper bits depend on all of them.
private protocol PlaneWord: BitwiseCopyable { var key: UInt64 { get } }

extension UInt32: PlaneWord {
    fileprivate var key: UInt64 { UInt64(self) &* 0x9E37_79B9_7F4A_7C15 }
}

extension UInt64: PlaneWord {
    fileprivate var key: UInt64 { self &* 0x9E37_79B9_7F4A_7C15 }
}

extension SIMD2<UInt64>: PlaneWord {
    fileprivate var key: UInt64 { (x &* 0x9E37_79B9_7F4A_7C15) ^ (y &* 0xC2B2_AE3D_27D4_EB4F) &* 0x1656_67B1_9E37_79F9 }
}

extension SIMD4<UInt64>: PlaneWord {
    fileprivate var key: UInt64 { lowHalf.key &+ highHalf.key &* 0x2545_F491_4F6C_DD1D }
}
