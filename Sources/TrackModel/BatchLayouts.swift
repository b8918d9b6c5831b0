#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// Indexes batches, and remembers how the last ones were laid out: a program sends the same columns again and again, and its names need be
/// read only once.
public final class BatchLayouts: Sendable {
    /// Where everything lies in batches that begin with the same bytes, but for attempt, sequence and extras.
    struct Layout: Sendable {
        /// Up to the steps.
        let head: [UInt8]
        let writer: String
        let rowCount: Int
        let columns: [EncodedBatch.ColumnLayout]
        let extrasOffset: Int
    }

    /// Layouts by a mark of their counts; one that meets another takes its place.
    private let slots = Mutex([Layout?](repeating: nil, count: BatchLayouts.slotCount))
    private static let slotCount = 64, longestHead = 4_096
    private let limits: BatchLimits

    /// - Parameter limits: What every batch is held to.
    public init(limits: BatchLimits = BatchLimits()) { self.limits = limits }

    /// Checks and indexes `bytes`, as ``EncodedBatch/init(_:limits:)`` does.
    /// - Throws: ``BatchError`` that names the first thing that is wrong.
    /// - Complexity: One comparison of the names where the last batch of this kind had the same, else O(names + bitmaps).
    public func batch(_ bytes: [UInt8]) throws -> EncodedBatch {
        guard bytes.count >= BatchCodec.headerBytes else { return try EncodedBatch(bytes, limits: limits) }
        let slot = Self.slot(of: bytes)
        if let known = slots.withLock({ $0[slot] }), let batch = Self.batch(bytes, like: known) { return batch }
        let batch = try EncodedBatch(bytes, limits: limits)
        if batch.stepsOffset <= Self.longestHead, batch.columns.allSatisfy({ $0.presenceOffset == nil }) {
            let layout = Layout(head: Array(bytes[..<batch.stepsOffset]), writer: batch.writer, rowCount: batch.rowCount, columns: batch.columns,
                                extrasOffset: batch.extrasOffset)
            slots.withLock { $0[slot] = layout }
        }
        return batch
    }

    /// Rows, columns and the length of the names tell most programs apart.
    private static func slot(of bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { raw in
            let mark = raw.loadUnaligned(fromByteOffset: 12, as: UInt32.self) &* 31 &+ raw.loadUnaligned(fromByteOffset: 16, as: UInt32.self) &* 17
            return Int((mark &+ raw.loadUnaligned(fromByteOffset: 32, as: UInt32.self)) % UInt32(slotCount))
        }
    }

    /// `nil` if anything differs, or is not as it should be: then the general way finds the words for it.
    private static func batch(_ bytes: [UInt8], like layout: Layout) -> EncodedBatch? {
        let facts = bytes.withUnsafeBytes { raw -> (attempt: Int, sequence: UInt64)? in
            layout.head.withUnsafeBytes { head in
                guard raw.count >= layout.extrasOffset, isSame(raw, head, 0..<8), isSame(raw, head, 12..<20), isSame(raw, head, 32..<head.count) else { return nil }
                let attempt = Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
                let extras = Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 20, as: UInt32.self)))
                let sequence = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
                let isValid = BatchReader.attempts.contains(attempt) && BatchReader.sequences.contains(sequence) && layout.extrasOffset + extras == raw.count
                return isValid ? (attempt, sequence) : nil
            }
        }
        return facts.map { EncodedBatch(bytes, layout: layout, attempt: $0.attempt, sequence: $0.sequence) }
    }

    private static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        memcmp(left.baseAddress! + range.lowerBound, right.baseAddress! + range.lowerBound, range.count) == 0
    }
}
