import GRDB
import GRDBSQLite

/// Keeps written space ahead of the end of the database's log while commits come in.
///
/// A commit that makes the log's file longer waits until the file system has noted where the new blocks are; one that writes over zeros
/// waits for its own pages only. Zeros behind the last frame mean nothing to SQLite: it reads up to the first frame whose salt is not the
/// log's, as it does where an older and longer log stood. Confined to the writer.
final class LogSpace {
    private let log: LogMeter
    /// A log of this many bytes has space enough.
    private let limit: Int
    /// How far the file is known to reach.
    private var end = 0
    /// How long the log was at the last call.
    private var before = 0

    /// Bytes that are written at once, and how few may be left before more are. A server that is hardly used keeps its short log, and
    /// commits longer than this would have everything written twice to save little.
    private static let step = 1 << 20, least = 256 << 10
    /// SQLite writes less than 128 KiB at once.
    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    init(log: LogMeter, limit: Int) { (self.log, self.limit) = (log, limit) }

    /// Lengthens the file if commits will soon reach its end. To be called in a transaction that writes, so that no other process appends to
    /// the log meanwhile. What fails is left to SQLite, which writes at the end as ever.
    func keepAhead(_ db: Database) {
        let used = log.bytes, last = used - before
        before = used
        guard last <= Self.least, used >= Self.least, used + Self.least > end, used + Self.step < limit else { return }
        var file: UnsafeMutablePointer<sqlite3_file>?, size: sqlite3_int64 = 0
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK, let file,
              let methods = file.pointee.pMethods, methods.pointee.xFileSize(file, &size) == SQLITE_OK else { return }
        end = Int(size)
        guard used + Self.least > end else { return }
        let wanted = end + Self.step
        while end < wanted, methods.pointee.xWrite(file, Self.zeros, Int32(Self.zeros.count), sqlite3_int64(end)) == SQLITE_OK { end += Self.zeros.count }
    }

    /// The file may have become shorter.
    func forget() { end = 0 }
}
