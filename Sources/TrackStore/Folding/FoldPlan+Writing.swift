import GRDB

extension FoldPlan {
    /// Writes everything in the transaction that is open: afterwards readers see the new form, before it the old one.
    /// - Returns: False if the run changed under the plan (deleted, or folded already); nothing is written then.
    func write(_ db: Database) throws -> Bool {
        let folded = try Int64.fetchOne(db, sql: "SELECT folded_batch FROM run WHERE id = :run", arguments: ["run": run])
        guard folded == foldedBefore else { return false }
        for id in removed { try db.cachedStatement(sql: "DELETE FROM row_group WHERE id = :id").execute(arguments: ["id": id]) }    // its chunks go with it
        try writeGroups(db)
        try writePages(db)
        try db.cachedStatement(sql: "UPDATE run SET folded_batch = :batch WHERE id = :run").execute(arguments: ["batch": lastBatch, "run": run])
        return true
    }

    private func writeGroups(_ db: Database) throws {
        for group in groups {
            let insert = try RawStatement(db, """
                INSERT INTO row_group (id, run_id, attempt, first_step, last_step, row_count, steps, times)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                """)
            insert.bind(group.id, run, Int64(group.attempt), group.firstStep, group.lastStep, Int64(group.rows))
            insert.bind(group.steps, at: 7)
            insert.bind(group.times, at: 8)
            try insert.run()
            let chunks = try RawStatement(db, "INSERT INTO chunk (group_id, metric_id, points, presence, records, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            for (metric, chunk) in group.chunks {
                chunks.bind(group.id, metric, Int64(chunk.points))
                chunks.bind(chunk.presence, at: 4)
                chunks.bind(chunk.records, at: 5)
                chunks.bind(chunk.values, at: 6)
                try chunks.run()
            }
        }
    }

    private func writePages(_ db: Database) throws {
        for change in pages {
            let delete = try RawStatement(db, "DELETE FROM pyramid WHERE metric_id = ?1 AND attempt = ?2 AND first_step = ?3")
            for step in change.removed {
                delete.bind(change.metric, Int64(change.attempt), step)
                try delete.run()
            }
            let insert = try RawStatement(db, """
                INSERT INTO pyramid (metric_id, attempt, first_step, last_step, chunks, entries)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """)
            for page in change.added {
                insert.bind(change.metric, Int64(change.attempt), page.firstStep, page.lastStep, Int64(page.chunks))
                insert.bind(page.bytes, at: 6)
                try insert.run()
            }
        }
    }
}
