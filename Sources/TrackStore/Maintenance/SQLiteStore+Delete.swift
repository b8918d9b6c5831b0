import GRDB
public import TrackModel

extension SQLiteStore {
    public func deleteRun(_ id: RunID) async throws -> Int {
        let run = try await read { db in try RunRecords(isBrief: true).fetch(id, db) }
        let row = try await write { writer, db in try writer.hideRun(id, db) }
        hub.send([.deleted(project: run.project, run: id)])
        return try await reclaim([row])
    }

    public func deleteProject(_ name: String) async throws -> Int {
        let runs = try await read { db in
            try String.fetchAll(db, sql: "SELECT code FROM run WHERE project_id = :project AND deleted_ms IS NULL",
                                arguments: ["project": ProjectRows.id(of: name, db)])
        }
        var rows: [Int64] = []
        for run in runs.compactMap({ RunID($0) }) {
            rows.append(try await write { writer, db in try writer.hideRun(run, db) })
            hub.send([.deleted(project: name, run: run)])
        }
        let freed = try await reclaim(rows)
        try await write { _, db in try db.execute(sql: "DELETE FROM project WHERE name = :name", arguments: ["name": name]) }
        return freed
    }

    /// Goes on with deletions that a stop interrupted.
    func resumeDeletions() async throws {
        let rows = try await read { db in try Int64.fetchAll(db, sql: "SELECT id FROM run WHERE deleted_ms IS NOT NULL") }
        if !rows.isEmpty { _ = try await reclaim(rows) }
    }

    /// Removes what hidden runs hold, a portion for each commit, and gives the pages back to the system.
    /// - Returns: Bytes that these deletions freed; what others write meanwhile does not count.
    func reclaim(_ runs: [Int64]) async throws -> Int {
        var freed = 0
        for run in runs {
            let files = try await digests(ofRow: run)
            for portion in Portion.all { freed += try await remove(portion, of: run) }
            freed += try await removeBlobs(files)
        }
        while try await write({ _, db in try Space.shrink(db) }) {}
        background.truncateLog()
        return max(0, freed)
    }

    private func remove(_ portion: Portion, of run: Int64) async throws -> Int {
        var freed = 0, isMore = true
        while isMore {
            let (more, bytes) = try await write { _, db in
                let before = try Space.usedBytes(db), more = try portion.delete(run, db)
                return (more, before - (try Space.usedBytes(db)))
            }
            (isMore, freed) = (more, freed + bytes)
        }
        return freed
    }
}

extension Writer {
    /// Makes a run unreachable in one short transaction; returns its row.
    func hideRun(_ id: RunID, _ db: Database) throws -> Int64 {
        let row = try state(of: id, db).row
        try db.execute(sql: "UPDATE run SET code = '-' || id, deleted_ms = :now WHERE id = :run", arguments: ["now": milliseconds(), "run": row])
        states[id] = nil
        dirty.removeAll { $0.row == row }
        group.entries.removeAll { $0.row == row }
        group.grown.removeAll { $0 == id }
        group.afterCommit.append { [self] in
            cachedBytes -= tails[row]?.evict() ?? 0
            tails.remove(row)
        }
        return row
    }
}

/// A table's part of a run, deleted some rows at a time, so that memory and commits stay small.
private struct Portion: Sendable {
    let sql: String

    static let all = [
        Portion(sql: "DELETE FROM batch WHERE id IN (SELECT id FROM batch WHERE run_id = :run LIMIT 1000)"),
        Portion(sql: "DELETE FROM chunk WHERE id IN (SELECT chunk.id FROM row_group JOIN chunk ON group_id = row_group.id WHERE run_id = :run LIMIT 500)"),
        Portion(sql: "DELETE FROM row_group WHERE id IN (SELECT id FROM row_group WHERE run_id = :run LIMIT 500)"),
        Portion(sql: "DELETE FROM log_line WHERE run_id = :run AND number IN (SELECT number FROM log_line WHERE run_id = :run LIMIT 2000)"),
        Portion(sql: "DELETE FROM histogram WHERE (run_id, name, step, attempt) IN (SELECT run_id, name, step, attempt FROM histogram WHERE run_id = :run LIMIT 500)"),
        Portion(sql: "DELETE FROM media WHERE id IN (SELECT id FROM media WHERE run_id = :run LIMIT 2000)"),
        Portion(sql: "DELETE FROM metric WHERE id IN (SELECT id FROM metric WHERE run_id = :run LIMIT 500)"),      // with their pages
        Portion(sql: "DELETE FROM run WHERE id = :run"),
    ]

    /// - Returns: Whether more may be there.
    func delete(_ run: Int64, _ db: Database) throws -> Bool {
        try db.execute(sql: sql, arguments: ["run": run])
        return db.changesCount > 0
    }
}

/// The pages of the database file.
enum Space {
    static func usedBytes(_ db: Database) throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0, free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        return (pages - free) * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4_096)
    }

    /// Gives back up to 1 MiB of free pages, so that commits between two portions wait little. Returns whether more are left.
    static func shrink(_ db: Database) throws -> Bool {
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        guard free > 0, try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") == 2 else { return false }
        _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(256)")
        return free > 256
    }
}
