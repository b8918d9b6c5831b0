import Foundation
import GRDB
import TrackModel

extension Journal {
    /// Makes rows of what a server that was killed had in its journal, and removes the files. To be called before anything else is read.
    static func replay(in folder: String, on pool: DatabasePool) throws {
        let contents = paths(in: folder).map(JournalFile.read)
        let records = contents.flatMap(\.records).sorted { $0.id < $1.id }
        if !records.isEmpty {
            let hasGap = contents.contains(where: \.hasGap)
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.inTransaction(.immediate) {
                    var replay = Replay(mayJump: hasGap)
                    for record in records { try replay.add(record, db) }
                    return .commit
                }
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
            }
        }
        for path in paths(in: folder) { unlink(path) }
    }

    /// Tells which records are still to become rows.
    private struct Replay {
        /// The last sequence that is known of each writer.
        private var sequences: [String: Int64] = [:]
        private var runs: [Int64: (code: String, folded: Int64)] = [:]
        /// Batches are missing that nothing tells of.
        private let mayJump: Bool

        init(mayJump: Bool) { self.mayJump = mayJump }

        mutating func add(_ record: JournalRecord, _ db: Database) throws {
            guard let run = try run(record.run, db), run.code == record.code.text, record.id > run.folded else { return }
            let writer = "\(record.run)/\(record.writer)"
            let known = try sequences[writer] ?? lastSequence(of: record, db), sequence = Int64(bitPattern: UInt64(record.sequence))
            // The power failed before what came between was on the disk: this was not acknowledged either, and comes again.
            guard sequence <= known + 1 || mayJump else { sequences[writer] = known; return }
            sequences[writer] = max(known, sequence)
            try BatchTable.insert(record, db)
        }

        private mutating func run(_ row: Int64, _ db: Database) throws -> (code: String, folded: Int64)? {
            if let run = runs[row] { return run }
            let found = try Row.fetchOne(db, sql: "SELECT code, folded_batch FROM run WHERE id = :run", arguments: ["run": row])
            guard let found else { return nil }
            let run = (code: found[0] as String, folded: found[1] as Int64)
            runs[row] = run
            return run
        }

        private func lastSequence(of record: JournalRecord, _ db: Database) throws -> Int64 {
            try Int64.fetchOne(db, sql: """
                SELECT MAX(sequence) FROM (
                    SELECT sequence FROM writer WHERE run_id = :run AND name = :writer
                    UNION ALL SELECT sequence FROM batch WHERE run_id = :run AND writer = :writer
                )
                """, arguments: ["run": record.run, "writer": record.writer]) ?? 0
        }
    }
}
