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
        do { return try EncodedBatch(bytes, limits: limits.lifted) } catch { throw StoreError.damaged("batch \(id): \(error)") }
    }

    /// Who wrote a batch, also if its bytes are damaged; `nil` if it is gone.
    static func writer(of id: Int64, _ db: Database) throws -> (name: String, sequence: UInt64)? {
        try Row.fetchOne(db, sql: "SELECT writer, sequence FROM batch WHERE id = :id", arguments: ["id": id]).map { ($0[0], UInt64($0[1] as Int64)) }
    }

    /// Whether a damaged batch can hold points of `metric`: its names may still be readable.
    static func mayHold(_ metric: String, in id: Int64, _ db: Database, limits: BatchLimits) throws -> Bool {
        guard let bytes = try Data.fetchOne(db, sql: "SELECT bytes FROM batch WHERE id = :id", arguments: ["id": id]),
              let batch = try? EncodedBatch([UInt8](bytes), limits: limits.lifted) else { return true }
        return batch.columns.contains { $0.name == metric }
    }

    /// The marks of all batches that are not folded, for memory. O(size of the table).
    static func readTails(_ db: Database, into tails: TailRegistry) throws {
        let rows = try Row.fetchCursor(db, sql: """
            SELECT batch.id, run_id, batch.row_count, run.state = 'running'
            FROM batch JOIN run ON run.id = run_id
            WHERE batch.id > run.folded_batch
            ORDER BY batch.id
            """)
        while let row = try rows.next() {
            let tail = tails.tail(of: row[1])
            tail.append(.init(id: row[0], rows: row[2], batch: nil))
            if !(row[3] as Bool) { tail.markEnded(true) }
        }
    }

    /// Removes what a fold or a deletion left behind when the server was killed.
    static func deleteLeftovers(_ db: Database) throws {
        try db.execute(sql: """
            DELETE FROM batch
            WHERE id IN (SELECT batch.id FROM batch LEFT JOIN run ON run.id = run_id WHERE run.id IS NULL OR batch.id <= run.folded_batch)
            """)
    }
}

extension BatchLimits {
    /// What was accepted once is read for ever.
    fileprivate var lifted: BatchLimits {
        var limits = self
        (limits.rows, limits.metricsPerRun, limits.nameBytes) = (.max, .max, 65_535)
        return limits
    }
}
