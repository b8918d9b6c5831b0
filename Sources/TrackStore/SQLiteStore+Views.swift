import GRDB
public import TrackModel

extension SQLiteStore {
    public func views(project: String) async throws -> [ViewRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT id, name, shared, updated_ms FROM view WHERE project_id = :project ORDER BY updated_ms DESC, id",
                             arguments: ["project": ProjectRows.id(of: project, db)])
                .map { ViewRecord(id: $0[0], name: $0[1], shared: $0[2], updatedAt: $0[3]) }
        }
    }

    public func view(project: String, id: String) async throws -> ViewRecord {
        try await read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT id, name, shared, updated_ms, state FROM view WHERE project_id = :project AND id = :id",
                                             arguments: ["project": ProjectRows.id(of: project, db), "id": id]) else { throw StoreError.unknownView(id) }
            return ViewRecord(id: row[0], name: row[1], shared: row[2], updatedAt: row[3], state: JSONText.decode(row[4] as String))
        }
    }

    public func saveView(project: String, id: String, name: String, shared: Bool, state: JSONValue) async throws -> ViewRecord {
        try NameRules.check(name, kind: "View name")
        try NameRules.check(id, kind: "View id", bytes: 64)
        let record = ViewRecord(id: id, name: name, shared: shared, updatedAt: milliseconds(), state: state)
        return try await write { _, db in
            try db.execute(sql: """
                INSERT INTO view (project_id, id, name, shared, state, updated_ms)
                VALUES (:project, :id, :name, :shared, :state, :now)
                ON CONFLICT DO UPDATE SET name = excluded.name, shared = excluded.shared, state = excluded.state, updated_ms = excluded.updated_ms
                """, arguments: ["project": ProjectRows.id(of: project, db), "id": id, "name": name, "shared": shared,
                                 "state": JSONText.encode(state), "now": record.updatedAt])
            return record
        }
    }

    public func deleteView(project: String, id: String) async throws {
        try await write { _, db in
            try db.execute(sql: "DELETE FROM view WHERE project_id = :project AND id = :id", arguments: ["project": ProjectRows.id(of: project, db), "id": id])
            if db.changesCount == 0 { throw StoreError.unknownView(id) }
        }
    }
}
