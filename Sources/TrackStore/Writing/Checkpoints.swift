import GRDB
import GRDBSQLite

/// Moves the log into the database file, from a connection of its own, so that no commit waits.
///
/// Only the passive way, which takes no lock that a commit needs: emptying the log is the writer's, and quick after this.
final class Checkpoints {
    private let path: String
    private let log: LogMeter
    private let options: StoreOptions
    private var connection: DatabaseQueue?
    /// How long the log was when all of it had been moved.
    private var moved = 0

    /// A shorter log stays as it is: pages that change with every commit are moved once for many, and the disk is left to those that wait for it.
    private let leastBytes: Int

    init(path: String, log: LogMeter, options: StoreOptions) {
        (self.path, self.log, self.options) = (path, log, options)
        leastBytes = options.logBytes * 3 / 4
    }

    /// Moves what can be moved, if there is much or `always`.
    /// - Returns: Whether there was something to do.
    func run(always: Bool) -> Bool {
        let bytes = log.bytes
        guard always || bytes > leastBytes && bytes != moved else { return false }
        if connection == nil { connection = try? DatabaseQueue(path: path, configuration: SQLiteStore.busyConfiguration) }
        moved = 0
        try? connection?.writeWithoutTransaction { db in
            guard let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)") else { return }
            if row[1] as Int == row[2] { moved = bytes } else if bytes > options.logBytes { sync(db) }
        }
        return true
    }

    /// A checkpoint that did not reach the log's end, because commits went on, has not synced the database file. Whoever completes it has to
    /// wait for the disk: now, in the background, it is nobody's wait.
    private func sync(_ db: Database) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK else { return }
        _ = file?.pointee.pMethods?.pointee.xSync(file, SQLITE_SYNC_NORMAL)
    }

    func close() { try? connection?.close() }
}
