import Foundation

/// Tells bytes that no compressor makes smaller, in a tenth of the time that trying takes: the low bytes of measured numbers mostly are.
enum Noise {
    /// Whether the bytes use all values about equally often and hardly any four of them stand anywhere before.
    ///
    /// A plane that is one of these by mistake is stored as it is: longer than needed, never wrong.
    static func isLikely(_ bytes: [UInt8]) -> Bool { bytes.count >= 1_024 && bits(bytes) > 7.6 && repeats(bytes) * 32 < bytes.count }

    /// Shannon's entropy of single bytes, in bits: what a Huffman code needs for each at least.
    private static func bits(_ bytes: [UInt8]) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let total = Double(bytes.count)
        return counts.reduce(0) { $1 == 0 ? $0 : $0 - Double($1) / total * log2(Double($1) / total) }
    }

    /// At how many places four bytes stand that a table of what came before remembers.
    private static func repeats(_ bytes: [UInt8]) -> Int {
        var last = [UInt32](repeating: 0, count: 4_096), repeats = 0
        bytes.withUnsafeBytes { raw in
            for place in 0...raw.count - 4 {
                let four = raw.loadUnaligned(fromByteOffset: place, as: UInt32.self), slot = Int((four &* 2_654_435_761) >> 20)
                if last[slot] == four { repeats += 1 }
                last[slot] = four
            }
        }
        return repeats
    }
}
