import Foundation
import GRDB
import TrackModel
import TrackSeries

/// Reads batches back.
enum BatchTable {
    /// - Returns: `nil` if the batch is gone.
    /// - Throws: ``StoreError/damaged(_:)`` if its bytes are not what was written.
    static func read(_ id: Int64, _ db: Database, limits: BatchLimits) throws -> EncodedBatch? {
        let statement = try db.cachedStatement(sql: "SELECT checksum, bytes FROM batch WHERE id = :id")
        guard let row = try Row.fetchOne(statement, arguments: ["id": id]) else { return nil }
        let bytes = [UInt8](row[1] as Data)
        guard Checksum.crc32(bytes) == UInt32(truncatingIfNeeded: row[0] as Int64) else { throw StoreError.damaged("batch \(id) fails its checksum") }
        var limits = limits
        (limits.rows, limits.metricsPerRun, limits.nameBytes) = (.max, .max, 65_535)      // what was accepted once is read for ever
        do { return try EncodedBatch(bytes, limits: limits) } catch { throw StoreError.damaged("batch \(id): \(error)") }
    }

    /// The marks of all batches that are not folded, for memory. O(size of the table).
    static func readTails(_ db: Database, into tails: TailRegistry) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT id, run_id, row_count FROM batch ORDER BY id")
        while let row = try rows.next() { tails.tail(of: row[1]).append(.init(id: row[0], rows: row[2], batch: nil)) }
    }
}
