import GRDB
public import TrackModel

extension SQLiteStore {
    public func deleteRun(_ id: RunID) async throws -> Int {
        let project = try await read { db in try RunRecords(isBrief: true).fetch(id, db).project }
        let before = folder.databaseBytes
        try await write { writer, db in try writer.deleteRun(id, db) }
        hub.send([.deleted(project: project, run: id)])
        return max(0, before - folder.databaseBytes)
    }

    public func deleteProject(_ name: String) async throws -> Int {
        let runs = try await read { db in
            try String.fetchAll(db, sql: "SELECT code FROM run WHERE project_id = :project", arguments: ["project": ProjectRows.id(of: name, db)])
        }
        var freed = 0
        for run in runs.compactMap({ RunID($0) }) { freed += try await deleteRun(run) }
        try await write { _, db in try db.execute(sql: "DELETE FROM project WHERE name = :name", arguments: ["name": name]) }
        return freed
    }
}

extension Writer {
    func deleteRun(_ id: RunID, _ db: Database) throws {
        let state = try state(of: id, db)
        let row = state.row
        try db.execute(sql: "DELETE FROM batch WHERE run_id = :run", arguments: ["run": row])
        try db.execute(sql: "DELETE FROM run WHERE id = :run", arguments: ["run": row])
        states[id] = nil
        dirty.removeAll { $0.row == row }
        group.entries.removeAll { $0.row == row }
        group.afterCommit.append { [tails] in tails.remove(row) }
    }
}
