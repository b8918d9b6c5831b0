import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// Brings commits to the disk, beside the writer, and lets their answers go then.
///
/// With `synchronous=FULL` SQLite syncs its log inside each COMMIT, and the writer does nothing meanwhile. The same promise is kept here by
/// other means: a commit writes its pages into the log, then the log is synced, and only then is the commit acknowledged. While one group
/// waits for the disk the writer works on the next, and one sync serves all that was committed before it began. SQLite itself goes on syncing
/// the log before its pages are moved into the database file, and when it begins anew: `synchronous=NORMAL`, which is what GRDB sets for a
/// log, leaves out the sync of a commit and nothing else.
final class LogSync: @unchecked Sendable {      // what stands below `condition` is guarded by it
    private let waits: Bool
    private let journal: Journal
    private let whenFree: @Sendable () -> Void
    private let hasFailed = Atomic(false)
    private let isAtWork = Atomic(false)
    private let condition = NSCondition()
    private var waiting: [Committed] = []
    private var isClosed = false
    /// SQLite's handle of the log, which lives as long as the writer's connection. Set once, before anything is settled.
    private var file: UnsafeMutablePointer<sqlite3_file>?

    /// - Parameters:
    ///   - durability: Whether there is anything to wait for.
    ///   - journal: Where commits stand that are not in SQLite's log.
    ///   - whenFree: Called when nothing waits for the disk any more, on any thread.
    init(durability: StoreOptions.Durability, journal: Journal, whenFree: @escaping @Sendable () -> Void) {
        (waits, self.journal, self.whenFree) = (durability == .full, journal, whenFree)
    }

    /// Whether commits wait for the disk.
    var isBusy: Bool { isAtWork.load(ordering: .acquiring) }

    /// Starts the thread that waits for the disk.
    func start() {
        guard waits else { return }
        let thread = Thread { [self] in
            while let next = take() {
                settle(next)
                rest()
            }
        }
        thread.name = "track-sync"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Acknowledges a commit once it is safe. To be called by the writer.
    ///
    /// The journal is waited for here: who sends small batches sends the next when the last is answered, so that all are back when the disk is,
    /// and make one group again.
    /// - Parameter isAlone: Nobody else is likely to write meanwhile: it is waited for here, which saves a change of threads.
    func settle(_ committed: Committed, isAlone: Bool) {
        guard waits else { return committed.succeed() }
        if committed.isEmpty { return }
        condition.lock()
        let isAtOnce = (isAlone || !committed.isInLog) && !isBusy
        if !isAtOnce {
            waiting.append(committed)
            isAtWork.store(true, ordering: .releasing)
            condition.signal()
        }
        condition.unlock()
        if isAtOnce { settle([committed]) }
    }

    /// Finds the log's file. To be called after each commit, before it is settled.
    func open(_ db: Database) { if file == nil { _ = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) } }

    /// Whether everything has to be moved before anything else is acknowledged: see ``recover(_:)``.
    var isBroken: Bool { hasFailed.load(ordering: .acquiring) || journal.isBroken }

    /// To be called before each transaction. After a sync that failed nothing tells which pages of a file reached the disk, and another sync
    /// would not write them again: everything is moved into the database file, which is synced then, before anything else is acknowledged.
    /// - Parameter moveJournal: Makes rows of all that only the journal has.
    /// - Throws: What the clients get who wait for this transaction; the next one tries again.
    func recover(_ db: Database, moveJournal: () throws -> Void) throws {
        guard isBroken else { return }
        try moveJournal()
        guard let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(RESTART)"), row[0] as Int == 0 else { throw Self.failure }
        journal.beginAnew()
        hasFailed.store(false, ordering: .releasing)
    }

    /// Returns when everything is acknowledged.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        while isBusy { condition.wait() }
        condition.unlock()
    }

    /// All that waits; `nil` once closed.
    private func take() -> [Committed]? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty {
            if isClosed { return nil }
            condition.wait()
        }
        defer { waiting = [] }
        return waiting
    }

    /// Says so if nothing waits any more.
    private func rest() {
        condition.lock()
        let isFree = waiting.isEmpty
        if isFree {
            isAtWork.store(false, ordering: .releasing)
            condition.broadcast()
        }
        condition.unlock()
        if isFree { whenFree() }
    }

    /// Waits until all that the journal has is on the disk. Only while nothing else waits for the disk.
    func syncJournal() -> Bool {
        let isSafe = !hasFailed.load(ordering: .acquiring) && journal.sync()
        if !isSafe { hasFailed.store(true, ordering: .releasing) }
        return isSafe
    }

    private func settle(_ committed: [Committed]) {
        let isSafe = syncJournal() && (!committed.contains(where: \.isInLog) || syncLog())
        for one in committed { isSafe ? one.succeed() : one.fail(Self.failure) }
    }

    /// Brings what was committed to SQLite's log to the disk. On any thread.
    func syncLog() -> Bool {
        guard waits else { return true }
        guard let file, let methods = file.pointee.pMethods, methods.pointee.xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK else {
            hasFailed.store(true, ordering: .releasing)
            return false
        }
        return true
    }

    static let failure = DatabaseError(resultCode: .SQLITE_IOERR_FSYNC, message: "the database's log could not be synced")
}
