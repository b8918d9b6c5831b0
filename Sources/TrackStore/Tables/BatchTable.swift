import Foundation
import GRDB
import GRDBSQLite
import TrackModel
import TrackSeries

/// Batches as rows.
enum BatchTable {
    /// Writes one row, by the C interface: where the journal does not take batches, this statement sets the rate of ingest.
    static func insert(_ batch: EncodedBatch, id: Int64, run: Int64, _ db: Database) throws {
        try insert(id: id, run: run, attempt: batch.attempt, writer: batch.writer, sequence: batch.sequence, rows: batch.rowCount, points: batch.points,
                   checksum: Checksum.crc32(batch.bytes), bytes: batch.bytes, db)
    }

    /// Makes a row of a record, unless it is one already. A damaged one becomes a damaged row: its readers are told.
    static func insert(_ record: JournalRecord, _ db: Database) throws {
        guard try Int64.fetchOne(db, sql: "SELECT id FROM batch WHERE id = :id", arguments: ["id": record.id]) == nil else { return }
        let sum = Checksum.crc32(record.bytes)
        try insert(id: record.id, run: record.run, attempt: record.attempt, writer: record.writer, sequence: record.sequence, rows: record.rows,
                   points: record.points, checksum: record.isSound ? sum : ~sum, bytes: record.bytes, db)
    }

    private static func insert(
        id: Int64, run: Int64, attempt: Int, writer: String, sequence: UInt64, rows: Int, points: Int, checksum: UInt32, bytes: [UInt8], _ db: Database
    ) throws {
        let statement = try db.cachedStatement(sql: """
            INSERT INTO batch (id, run_id, attempt, writer, sequence, row_count, point_count, checksum, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """).sqliteStatement
        var writer = writer
        let result = bytes.withUnsafeBytes { bytes in
            writer.withUTF8 { name in
                sqlite3_bind_int64(statement, 1, id)
                sqlite3_bind_int64(statement, 2, run)
                sqlite3_bind_int64(statement, 3, Int64(attempt))
                name.withMemoryRebound(to: CChar.self) { _ = sqlite3_bind_text(statement, 4, $0.baseAddress, Int32($0.count), nil) }
                sqlite3_bind_int64(statement, 5, Int64(bitPattern: sequence))
                sqlite3_bind_int64(statement, 6, Int64(rows))
                sqlite3_bind_int64(statement, 7, Int64(points))
                sqlite3_bind_int64(statement, 8, Int64(checksum))
                sqlite3_bind_blob64(statement, 9, bytes.baseAddress, UInt64(bytes.count), nil)
                let result = sqlite3_step(statement)
                sqlite3_reset(statement)
                sqlite3_clear_bindings(statement)       // the batch's memory is not ours after this
                return result
            }
        }
        guard result == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: result)) }
    }

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
            tail.append(.init(id: row[0], rows: row[2], batch: nil, isRow: true))
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
