import Foundation
import GRDB
public import TrackModel

extension SQLiteStore {
    public func projects() async throws -> [ProjectRecord] {
        try await settleSummaries()
        return try await read { db in try ProjectRows.fetch(nil, db) }
    }

    public func project(_ name: String) async throws -> ProjectRecord {
        try await settleSummaries()
        guard let project = try await read({ db in try ProjectRows.fetch(name, db).first }) else { throw StoreError.unknownProject(name) }
        return project
    }

    public func makeProject(_ name: String, description: String?) async throws -> ProjectRecord {
        try NameRules.check(name, kind: "Project")
        return try await write { _, db in
            _ = try ProjectRows.make(name, description: description, db)
            return try ProjectRows.fetch(name, db)[0]
        }
    }
}

enum ProjectRows {
    static func fetch(_ name: String?, _ db: Database) throws -> [ProjectRecord] {
        let now = milliseconds(), hidden = "WHERE project_id = project.id AND \(RunsFilter.hidden) AND deleted_ms IS NULL"
        let rows = try Row.fetchAll(db, sql: """
            SELECT project.id, project.name, description, project.created_ms, activity_ms, COUNT(run.id),
                COALESCE(SUM(run.state = 'running' AND run.heartbeat_ms > :alive), 0),
                (SELECT COUNT(*) FROM run \(hidden) AND archived_ms IS NOT NULL AND binned_ms IS NULL),
                (SELECT COUNT(*) FROM run \(hidden) AND binned_ms IS NOT NULL)
            FROM project LEFT JOIN run ON run.project_id = project.id AND \(RunsFilter.shown)
            WHERE :name IS NULL OR project.name = :name
            GROUP BY project.id
            ORDER BY activity_ms DESC, project.id DESC
            """, arguments: ["alive": now - RunState.silence, "name": name])
        return try rows.map { row in
            ProjectRecord(name: row[1], description: row[2], runs: row[5], running: row[6], createdAt: row[3], lastActivityAt: row[4],
                          activity: try activity(row[0], now: now, db), archived: row[7], deleted: row[8])
        }
    }

    /// Runs started on each of the last 30 days (UTC), oldest first.
    private static func activity(_ project: Int64, now: Int64, _ db: Database) throws -> [Int] {
        let day: Int64 = 86_400_000, today = now / day
        var days = [Int](repeating: 0, count: 30)
        for row in try Row.fetchAll(db, sql: """
            SELECT started_ms / :day AS day, COUNT(*)
            FROM run
            WHERE project_id = :project AND started_ms >= :since AND \(RunsFilter.shown)
            GROUP BY started_ms / :day
            """, arguments: ["day": day, "project": project, "since": (today - 29) * day]) {
            let place = Int(row[0] as Int64 - today) + 29
            if days.indices.contains(place) { days[place] = row[1] }
        }
        return days
    }

    /// The project's row, made if it is not there.
    static func make(_ name: String, description: String?, _ db: Database) throws -> Int64 {
        try db.execute(sql: """
            INSERT INTO project (name, description, created_ms, activity_ms)
            VALUES (:name, :description, :now, :now)
            ON CONFLICT DO NOTHING
            """, arguments: ["name": name, "description": description, "now": milliseconds()])
        return try Int64.fetchOne(db, sql: "SELECT id FROM project WHERE name = :name", arguments: ["name": name])!
    }

    static func id(of name: String, _ db: Database) throws -> Int64 {
        guard let id = try Int64.fetchOne(db, sql: "SELECT id FROM project WHERE name = :name", arguments: ["name": name]) else {
            throw StoreError.unknownProject(name)
        }
        return id
    }
}
