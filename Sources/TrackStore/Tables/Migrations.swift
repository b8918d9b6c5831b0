import Foundation
import GRDB

/// Brings a database to the newest form: `migrations/sqlite/NNNN_what.sql`, forward only, in one transaction.
struct Migrations {
    let folder: String

    struct Step {
        let name: String
        let sql: String
    }

    /// Runs what is missing; a database that holds data is copied first.
    func run(on pool: DatabasePool, backups: String) throws {
        let steps = try readSteps()
        let applied = try pool.write { db in
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID")
            return try Set(String.fetchAll(db, sql: "SELECT name FROM migration"))
        }
        let unknown = applied.subtracting(steps.map(\.name))
        guard unknown.isEmpty else {
            throw StoreError.damaged("the database was written by a newer version (\(unknown.sorted().joined(separator: ", "))); update the server")
        }
        let missing = steps.filter { !applied.contains($0.name) }
        if missing.isEmpty { return }
        if !applied.isEmpty { try backUp(pool, to: backups, before: missing[0].name) }
        try pool.write { db in
            for step in missing {
                try db.execute(sql: step.sql)
                try db.execute(sql: "INSERT INTO migration (name, applied_ms) VALUES (:name, :now)", arguments: ["name": step.name, "now": milliseconds()])
            }
        }
    }

    private func readSteps() throws -> [Step] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".sql") }.sorted() ?? []
        guard !files.isEmpty else { throw StoreError.damaged("no migrations are in the folder \"\(folder)\"; reinstall, or say where they are") }
        return try files.map { Step(name: String($0.dropLast(4)), sql: try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)) }
    }

    private func backUp(_ pool: DatabasePool, to folder: String, before name: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let copy = try DatabaseQueue(path: folder + "/before-\(name)-\(milliseconds()).sqlite")
        try pool.backup(to: copy)
        try copy.close()
    }
}

/// The clock of everything that is stored: milliseconds since 1970.
func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
