import GRDB
import TrackModel

extension Writer {
    /// Finds where to go on counting batches, and brings summaries up to date after a crash.
    func prepare() {
        do {
            try pool.writeWithoutTransaction { db in
                nextBatch = 1 + (try Int64.fetchOne(db, sql: """
                    SELECT MAX(id) FROM (
                        SELECT MAX(id) AS id FROM batch UNION ALL SELECT MAX(summarised_batch) FROM run UNION ALL SELECT MAX(folded_batch) FROM run
                    )
                    """) ?? 0)
                try db.inTransaction(.immediate) {
                    try BatchTable.deleteLeftovers(db)
                    try catchUp(db)
                    return .commit
                }
            }
        } catch {
            states = [:]        // each run is read again when it is asked for, and says then what is wrong
        }
    }

    private func catchUp(_ db: Database) throws {
        for tail in tails.all {
            guard let last = tail.entries.last?.id else { continue }
            let row = try Row.fetchOne(db, sql: "SELECT code, summarised_batch FROM run WHERE id = :run", arguments: ["run": tail.row])
            guard let row, (row[1] as Int64) < last, let id = RunID(row[0] as String) else { continue }
            do { try flush(state(of: id, db), db) } catch is StoreError {}      // damaged: its readers are told, the others catch up
            states[id] = nil
        }
    }
}
