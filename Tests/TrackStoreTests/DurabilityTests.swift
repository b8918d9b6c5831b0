import GRDB
import GRDBSQLite
import Synchronization
import Testing
import TrackModel
@testable import TrackStore

@Suite("An acknowledgement", .serialized) struct DurabilityTests {
    @Test("comes after the log was synced, with full durability") func full() async throws {
        let counts = try await countingSyncs(.full)

        for (before, after) in zip(counts, counts.dropFirst()) { #expect(after > before) }
    }

    @Test("does not wait for the disk, with normal durability") func normal() async throws {
        let counts = try await countingSyncs(.normal)

        #expect(counts.last == counts.first)
    }

    /// How often the log had been synced before the first of five batches, and after each.
    private func countingSyncs(_ durability: StoreOptions.Durability) async throws -> [Int] {
        var options = StoreOptions(durability: durability)
        options.foldsInBackground = false
        return try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])     // the writer has its summary to write only half a second after
            try await store.write { _, db in SyncCounter.watch(db) }
            var counts = [SyncCounter.count.load(ordering: .relaxed)]
            for number in 1...5 {
                try await store.log(run, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1))
                counts.append(SyncCounter.count.load(ordering: .relaxed))
            }
            try await store.close()
            return counts
        }
    }
}

/// Counts how often SQLite syncs a connection's log, by standing between it and the file.
private enum SyncCounter {
    static let count = Atomic<Int>(0)
    /// The file's own functions, all of them the same for every file of a kind.
    nonisolated(unsafe) private static var original: UnsafePointer<sqlite3_io_methods>?      // set before the watched connection commits again

    static func watch(_ db: Database) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK, let file else { return }
        original = file.pointee.pMethods
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)      // as long-lived as the connection, which is closed later
        methods.initialize(to: file.pointee.pMethods.pointee)
        methods.pointee.xSync = { file, flags in
            SyncCounter.count.add(1, ordering: .relaxed)
            return SyncCounter.original!.pointee.xSync(file, flags)
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }
}
