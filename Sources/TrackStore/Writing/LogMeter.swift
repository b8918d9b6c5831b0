import GRDB
import GRDBSQLite
import Synchronization

/// How long the database's log is. Its file does not tell: it keeps its length, because writing over old pages is quicker to sync than growing.
final class LogMeter: Sendable {
    private let pages = Atomic<Int>(0)

    /// Bytes that were written since the log last began anew.
    var bytes: Int { pages.load(ordering: .relaxed) * Self.pageBytes }

    /// A page as it stands in the log: SQLite's 4 KiB, and a header.
    private static let pageBytes = 4_120

    /// Counts what this connection commits. The meter must live as long as the connection.
    func watch(_ db: Database) {
        sqlite3_wal_hook(db.sqliteConnection, { meter, _, _, count in
            Unmanaged<LogMeter>.fromOpaque(meter!).takeUnretainedValue().pages.store(Int(count), ordering: .relaxed)
            return SQLITE_OK
        }, Unmanaged.passUnretained(self).toOpaque())
    }
}
