import GRDB

/// Pages of a database file that hold nothing.
enum RawPages {
    static func free(_ path: String) throws -> Int {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in try Int.fetchOne(db, sql: "PRAGMA freelist_count")! * Int.fetchOne(db, sql: "PRAGMA page_size")! }
    }
}
