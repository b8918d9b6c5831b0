import Dispatch
import GRDB
import GRDBSQLite
import Synchronization
import Testing
import TrackModel
@testable import TrackStore

/// Of batches that become rows at once; those that go into the journal stand in `JournalTests`.
@Suite("An acknowledgement", .serialized) struct DurabilityTests {
    @Test("comes after the log was synced, with full durability") func full() async throws {
        let counts = try await countingSyncs(.full)

        for (before, after) in zip(counts, counts.dropFirst()) { #expect(after > before) }
    }

    @Test("does not wait for the disk, with normal durability") func normal() async throws {
        let counts = try await countingSyncs(.normal)

        #expect(counts.last == counts.first)
    }

    @Test("comes only when the disk has answered, and others commit meanwhile") func meanwhile() async throws {
        try await withQuietStore { store in
            let run = try await store.newRun(), answered = Answered()
            try await store.write { _, db in LogFile.watch(db) }
            try await store.asOneGroup {
                LogFile.hold(after: 1)      // that of the change which keeps the writer until all are there
                for sequence in 1...8 as ClosedRange<UInt64> { try send(sequence, to: run, store, answered) }
            }
            while LogFile.held.load(ordering: .acquiring) == 0 { await Task.yield() }
            for sequence in 9...16 as ClosedRange<UInt64> { try send(sequence, to: run, store, answered) }

            while try await store.rowsOfBatches() != 16 { await Task.yield() }
            #expect(answered.sequences == [])

            LogFile.release()
            while answered.sequences.count < 16 { await Task.yield() }
            #expect(answered.sequences == Array(1...16))
        }
    }

    @Test("is not given for a commit that may not have reached the disk, and is given when its batch comes again") func failing() async throws {
        try await withQuietStore { store in
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])
            try await store.write { _, db in LogFile.watch(db) }

            LogFile.fails.store(true, ordering: .releasing)
            await #expect(throws: DatabaseError.self) { try await store.log(run, ["loss": [2]], steps: [1], sequence: 2) }
            LogFile.fails.store(false, ordering: .releasing)
            let before = LogFile.syncs.load(ordering: .relaxed)
            let again = try await store.log(run, ["loss": [2]], steps: [1], sequence: 2)
            let syncs = LogFile.syncs.load(ordering: .relaxed) - before
            let next = try await store.log(run, ["loss": [3]], steps: [2], sequence: 3)

            #expect(again.duplicate && !next.duplicate)
            #expect(syncs > 1)          // that of the commit, and that of moving everything into the database file before it
            #expect(try await store.run(run).rows == 3)
        }
    }

    private func send(_ sequence: UInt64, to run: RunID, _ store: SQLiteStore, _ answered: Answered) throws {
        let batch = Batch(attempt: 1, writer: "w", sequence: sequence, steps: [Int64(sequence)], times: [0], columns: [.init(name: "a", optional: [1])])
        store.append(try EncodedBatch(batch), to: run, on: answered) { result in
            if case .success(let answer) = result { answered.note(answer.sequence) }
        }
    }

    /// How often the log had been synced before the first of five batches, and after each.
    private func countingSyncs(_ durability: StoreOptions.Durability) async throws -> [Int] {
        try await withQuietStore(durability) { store in
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])     // the writer has its summary to write only half a second after
            try await store.write { _, db in LogFile.watch(db) }
            var counts = [LogFile.syncs.load(ordering: .relaxed)]
            for number in 1...5 {
                try await store.log(run, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1))
                counts.append(LogFile.syncs.load(ordering: .relaxed))
            }
            return counts
        }
    }

    private func withQuietStore<Value>(_ durability: StoreOptions.Durability = .full, _ body: (SQLiteStore) async throws -> Value) async throws -> Value {
        var options = StoreOptions(durability: durability)
        options.foldsInBackground = false
        options.journalBytes = 0
        return try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
            let value = try await body(store)
            try await store.close()
            return value
        }
    }
}

extension SQLiteStore {
    /// Keeps the writer until `body` has sent what it sends.
    func asOneGroup(_ body: () throws -> Void) async throws {
        let begun = AsyncStream<Void>.makeStream(), gate = DispatchSemaphore(value: 0)
        let held = Task {
            try await write { _, _ in
                begun.continuation.finish()
                gate.wait()
            }
        }
        for await _ in begun.stream {}
        try body()
        gate.signal()
        try await held.value
    }

    fileprivate func rowsOfBatches() async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM batch") ?? 0 }
    }
}

/// What was acknowledged, in order.
private final class Answered: AnswerThread {
    private let all = Mutex<[UInt64]>([])
    var sequences: [UInt64] { all.withLock { $0 } }
    func note(_ sequence: UInt64) { all.withLock { $0.append(sequence) } }
    func perform(_ work: @escaping @Sendable () -> Void) { work() }
}

/// Stands between a connection and its log: counts syncs, and makes them wait or fail.
private enum LogFile {
    static let syncs = Atomic<Int>(0), held = Atomic<Int>(0), fails = Atomic(false)
    private static let passing = Atomic<Int>(.max)
    private static let gate = DispatchSemaphore(value: 0)
    /// The file's own functions, all of them the same for every file of a kind.
    nonisolated(unsafe) private static var original: UnsafePointer<sqlite3_io_methods>?      // set before the watched connection commits again

    static func watch(_ db: Database) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK, let file else { return }
        original = file.pointee.pMethods
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)      // as long-lived as the connection, which is closed later
        methods.initialize(to: file.pointee.pMethods.pointee)
        methods.pointee.xSync = { file, flags in
            LogFile.syncs.add(1, ordering: .relaxed)
            if LogFile.fails.load(ordering: .acquiring) { return SQLITE_IOERR }
            if LogFile.passing.subtract(1, ordering: .acquiringAndReleasing).newValue < 0 {
                LogFile.held.add(1, ordering: .releasing)
                LogFile.gate.wait()
            }
            return LogFile.original!.pointee.xSync(file, flags)
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }

    /// From the one after the next `count` on, syncs wait.
    static func hold(after count: Int) { passing.store(count, ordering: .releasing) }

    static func release() {
        passing.store(.max, ordering: .releasing)
        gate.signal()
    }
}
