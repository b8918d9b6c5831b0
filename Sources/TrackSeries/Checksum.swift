import CZlib

/// CRC-32 as gzip and PNG use it (ISO 3309), found in front of every stored blob; and XXH64, in the journal.
public enum Checksum {
    /// The checksum of `bytes`, going on from `seed`. O(bytes).
    public static func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return UInt32(CZlib.crc32_z(UInt(seed), base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    public static func crc32(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32($0) } }
}
