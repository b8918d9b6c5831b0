import Foundation
import GRDB
import Synchronization
import TrackModel
import TrackSeries

/// The embedded store: one SQLite file in WAL mode, one writer, several readers on snapshots.
///
/// Design: acknowledged batches are rows of `batch`; a background task folds them into chunks with a pyramid above (`docs/formats/chunk.md`).
public final class SQLiteStore: Store {
    public let options: StoreOptions
    public let counters = StoreCounters()
    let folder: DataFolder
    let blobs: BlobFolder
    let pool: DatabasePool
    let queue: WriteQueue
    let journal: Journal
    let tails = TailRegistry()
    let hub = ChangeHub()
    let keyring = Keyring()
    let records = RecordCache()
    let background: Background
    let writerThread: WriterThread
    /// What is done now and then, beside requests.
    private let upkeep = Mutex<Task<Void, Never>?>(nil)

    /// Opens or creates the store in `directory`.
    /// - Parameter migrations: The folder with `0001_….sql` and so on; they run now, after a backup of what is there.
    /// - Throws: ``StoreError/locked(directory:)`` when another server has it open.
    public init(directory: String, migrations: String, options: StoreOptions = StoreOptions()) throws {
        self.options = options
        folder = try DataFolder(directory)
        blobs = BlobFolder(path: directory + "/blobs")
        blobs.clearIncoming()
        let log = LogMeter()
        pool = try DatabasePool(path: folder.database, configuration: Self.configuration(options, log))
        try Migrations(folder: migrations).run(on: pool, backups: folder.backups)
        try Journal.replay(in: directory, on: pool)
        journal = Journal(folder: directory, fileBytes: options.journalBytes, waits: options.durability == .full)
        queue = WriteQueue(limit: options.queueBytes, processors: options.durability == .full ? IdleProcessors() : nil)
        background = Background(path: folder.database, log: log, pool: pool, queue: queue, tails: tails, options: options, counters: counters)
        let writer = Writer(pool: pool, log: log, journal: journal, queue: queue, tails: tails, hub: hub, options: options, counters: counters) { [background] in background.poke() }
        writerThread = WriterThread(writer, queue: queue)
        try pool.read { db in
            try BatchTable.readTails(db, into: tails)
            try keyring.load(db)
        }
        counters.setBehind(!tails.all.isEmpty)      // after a crash, readers wait until the writer has caught up
        writerThread.start()
        background.start()
        let task = Task { [weak self] in
            try? await self?.resumeDeletions()
            if options.foldsInBackground { _ = try? await self?.purgeBlobs() }
            while options.foldsInBackground, !Task.isCancelled {
                try? await self?.emptyBinsThatAreDue()
                try? await Task.sleep(for: .seconds(3_600))
            }
        }
        upkeep.withLock { $0 = task }
    }

    /// How long a connection waits for a lock that another program holds; our own connections never make each other wait.
    static let busySeconds = 30.0

    static var busyConfiguration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        return configuration
    }

    /// The configuration lives as long as its connections, and keeps the meter, which they know by its address.
    private static func configuration(_ options: StoreOptions, _ log: LogMeter) -> Configuration {
        var configuration = busyConfiguration
        configuration.maximumReaderCount = options.readers
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")            // inside COMMIT it costs 4 ms; another connection does it
                try db.execute(sql: "PRAGMA journal_size_limit = \(options.logBytes)")
                log.watch(db)
            }
            try db.execute(sql: "PRAGMA cache_size = -8000")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            db.add(function: TextMatching.function)
        }
        return configuration
    }

    public func changes() -> AsyncStream<StoreChange> { hub.stream() }

    public func close() async throws {
        upkeep.withLock { $0?.cancel() }
        try await blocking { [background, queue, writerThread, hub, pool, folder] in
            background.stop()
            queue.close()
            writerThread.waitForEnd()
            hub.finish()
            try pool.close()
            folder.unlock()
        }
    }

    // MARK: - Folding

    /// Folds all batches of a run now. Tools and tests use it; the server folds by itself.
    public func fold(_ run: RunID) async throws {
        try await blocking { [folder = background.folder] in try folder.foldAll(run) }
    }

    /// Stops and resumes folding in the background; batches are kept as they are meanwhile.
    public func pauseFolding(_ paused: Bool) { background.pause(paused) }

    public func statistics() -> StoreCounters.Values {
        var values = counters.current
        for tail in tails.all {
            values.tailRows += tail.rows
            values.tailBatches += tail.entries.count
        }
        return values
    }

    /// Runs what blocks on a thread of its own.
    func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try work() }) }
            thread.stackSize = 2 << 20
            thread.start()
        }
    }

    // MARK: - The two ways in

    /// Runs a change in the writer's next transaction; returns after its commit.
    func write<Value: Sendable>(_ work: @escaping @Sendable (Writer, Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.add(.change(Change(work: work) { continuation.resume(with: $0) }))
        }
    }

    /// Reads on a snapshot. What was acknowledged before the call is there.
    func read<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(work)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_MISUSE {
            throw StoreError.closed
        }
    }

    /// Brings the tables up to date before they are read: summaries may be half a second behind.
    func settleSummaries() async throws {
        if counters.isBehind { try await write { writer, db in try writer.flushAll(db) } }
    }
}
