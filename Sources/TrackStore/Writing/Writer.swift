import Foundation
import GRDB
import TrackModel

/// The one that writes: takes all that waits, puts it into one transaction, and answers after the commit. One thread at a time has it (``WriterThread``).
final class Writer {
    let pool: DatabasePool
    let queue: WriteQueue
    let tails: TailRegistry
    let hub: ChangeHub
    let options: StoreOptions
    let counters: StoreCounters
    private let logSpace: LogSpace
    let logSync: LogSync
    let journal: Journal
    /// Runs by id; what a failed transaction may have touched is forgotten and read again.
    var states: [RunID: LiveRun] = [:]
    /// Those that differ from their tables.
    var dirty: [LiveRun] = []
    var nextBatch: Int64 = 1
    /// What the group has done so far, applied after its commit.
    var group = Group()
    /// Whether a flush happened inside the change that is under way: if it fails, the states are ahead of their tables.
    var flushedInChange = false
    /// Runs whose state was dropped while it was ahead of the tables.
    private var dropped: Set<RunID> = []
    /// Runs that grew since listeners were last told.
    private var grown: Set<RunID> = []
    private var lastTold: ContinuousClock.Instant?
    var cachedBytes = 0
    var isFoldDue = false
    var client = SingleClient()
    /// What it is at work on.
    private var jobs: [WriteJob] = []
    /// Calls the folder.
    private let poke: @Sendable () -> Void

    /// How many want all batches to be rows.
    var rowsOnly = 0
    private var lastFlush = ContinuousClock.now

    struct Group {
        var committed: Committed
        var entries: [(row: Int64, entry: RunTail.Entry)] = []
        var changes: [StoreChange] = []
        var grown: [RunID] = []
        var afterCommit: [() -> Void] = []

        /// - Parameter isInLog: It will stand in SQLite's log; else in the journal.
        init(isInLog: Bool = true) { committed = Committed(isInLog: isInLog) }

        /// Forgets everything but its memory, which the next group has use for.
        mutating func beginAnew(isInLog: Bool) {
            committed = Committed(isInLog: isInLog)
            entries.removeAll(keepingCapacity: true)
            changes.removeAll(keepingCapacity: true)
            grown.removeAll(keepingCapacity: true)
            afterCommit.removeAll(keepingCapacity: true)
        }
    }

    init(
        pool: DatabasePool, log: LogMeter, journal: Journal, queue: WriteQueue, tails: TailRegistry, hub: ChangeHub, options: StoreOptions,
        counters: StoreCounters, poke: @escaping @Sendable () -> Void
    ) {
        logSpace = LogSpace(log: log, limit: options.logBytes)
        logSync = LogSync(durability: options.durability, journal: journal) { queue.diskIsFree() }
        self.journal = journal
        (self.pool, self.queue, self.tails, self.hub, self.options, self.counters, self.poke) = (pool, queue, tails, hub, options, counters, poke)
    }

    /// Finds where to go on. Before anything else, and once.
    func begin() {
        prepare()
        logSync.start()
    }

    /// Does what waits in the queue.
    func work() {
        queue.take(into: &jobs)
        let count = jobs.count, began = ContinuousClock.now
        let single = count == 1 ? jobs[0].run : nil
        writeToJournal(&jobs)
        if let single, jobs.isEmpty {
            client.wrote(to: single, from: began, to: .now)
        } else {
            count > 0 ? client.isNotAlone() : client.look(at: began)
        }
        commit(&jobs)
        if journal.isSpillDue { spill(incoming: count) }
        if let chore = queue.takeChore() { commit(chore) }
        if let request = queue.takeLogRequest() { empty(request) }
    }

    /// Leaves the tables complete. The queue is closed and empty.
    func finish() {
        client.isNotAlone()
        commit(&jobs, flushing: true)
        closeJournal()
        if let request = queue.takeLogRequest() { empty(request) }
        logSync.close()
    }

    /// What it waits for.
    var next: WriteQueue.Next {
        .init(deadline: nextWake, expected: dirty.count / 2, isPassed: client.isSingle) { [logSync] in logSync.isBusy }
    }

    /// When there is something to do even if no job comes.
    private var nextWake: Date? {
        let soon = client.isSingle ? client.absence / .seconds(1) : grown.isEmpty ? nil : Self.tellingSeconds
        return soon.map { min(nextFlush ?? .distantFuture, Date().addingTimeInterval($0)) } ?? nextFlush
    }

    /// When the tables have to be brought up to date next.
    private var nextFlush: Date? {
        guard let first = dirty.first else { return nil }
        let now = ContinuousClock.now
        var wait = first.isDirty ? first.dirtySince + Self.flushDelay - now : .zero
        if dirty.count >= Self.few { wait = max(wait, lastFlush + Self.flushPause - now) }
        return Date().addingTimeInterval(max(0, wait / .seconds(1)))
    }

    /// A transaction of its own, between those that somebody waits for: what came before is on its way to the disk meanwhile.
    func commit(_ chore: any ChangeJob) {
        var jobs = [WriteJob.change(chore)]
        commit(&jobs, isChore: true)
    }

    /// - Parameters:
    ///   - jobs: Empty afterwards.
    ///   - isChore: Nobody relies on its being on the disk.
    private func commit(_ jobs: inout [WriteJob], flushing: Bool = false, isChore: Bool = false) {
        let someAreDue = flushIsDue(beside: jobs)
        if jobs.isEmpty, !flushing, !someAreDue { return tell() }
        group.beginAnew(isInLog: true)
        do {
            try pool.writeWithoutTransaction { db in
                try logSync.recover(db) { note(try inTransaction(db) { try moveToTable(all: true, db) }) }
                try inTransaction(db) {
                    logSpace.keepAhead(db)
                    try rereadDropped(db)
                    for job in jobs { try perform(job, db) }
                    if flushing { try flushAll(db) } else if someAreDue { try flushSome(db, most: max(jobs.isEmpty ? 32 : 2, dirty.count / 32)) }
                }
                logSync.open(db)
            }
            if someAreDue { lastFlush = .now }
            succeeded(&jobs, isChore)
        } catch {
            failed(&jobs, error)
        }
    }

    /// Whether tables have to be brought up to date now. A transaction for that alone is worth its while for several at once.
    private func flushIsDue(beside jobs: [WriteJob]) -> Bool {
        guard let first = dirty.first else { return false }
        let now = ContinuousClock.now
        return isDue(first, at: now) && (!jobs.isEmpty || dirty.count < Self.few || now - lastFlush > Self.flushPause)
    }

    /// How long a crowd's next flush waits for more.
    private static let flushPause = Duration.milliseconds(50)

    /// One transaction, by statements that are compiled once: a small commit takes hardly longer than compiling them would.
    func inTransaction<Value>(_ db: Database, _ work: () throws -> Value) throws -> Value {
        try db.cachedStatement(sql: "BEGIN IMMEDIATE TRANSACTION").execute()
        do {
            let value = try work()
            // What the tables say of a batch must not be on the disk before the batch is.
            if !journal.isBroken, journal.isUnsynced, !journal.sync() { throw LogSync.failure }
            try db.cachedStatement(sql: "COMMIT TRANSACTION").execute()
            return value
        } catch {
            if db.isInsideTransaction { try? db.cachedStatement(sql: "ROLLBACK TRANSACTION").execute() }
            throw error
        }
    }

    /// Drops all states; those that were ahead of their tables are read again, with their batches, in the next transaction.
    func forgetStates() {
        dropped.formUnion(states.values.lazy.filter { [tails] in $0.isDirty || tails[$0.row] != nil }.map(\.id))
        (states, dirty) = ([:], [])
    }

    func rereadDropped(_ db: Database) throws {
        if dropped.isEmpty { return }
        for id in dropped { do { _ = try state(of: id, db) } catch is StoreError {} }      // deleted meanwhile, or damaged: its readers are told
        dropped = []
    }

    private func perform(_ job: WriteJob, _ db: Database) throws {
        switch job {
        case .change(let change):
            group.committed.add(change)
            flushedInChange = false
            let succeeded = try change.perform(self, db)
            if !succeeded, flushedInChange { forgetStates(); try rereadDropped(db) }
        case .batch(let batch):
            do {
                group.committed.answer(batch, .success(try store(batch, db)))
            } catch let error as DatabaseError {
                throw error
            } catch {
                group.committed.answer(batch, .failure(error))
            }
        }
    }

    /// The group is written.
    func succeeded(_ jobs: inout [WriteJob], _ isChore: Bool = false) {
        noteWritten()
        let isAlone = jobs.count < Self.few && dirty.count < 2 * Self.few
        jobs.removeAll(keepingCapacity: true)       // before: what only the answers hold is then given back where it was made
        let committed = group.committed
        group.committed = Committed(isInLog: true)
        if isChore { committed.succeed() } else { logSync.settle(committed, isAlone: isAlone) }
    }

    /// Brings what lies in memory up to date with what was written.
    func noteWritten() {
        counters.committed(batches: group.entries.count)
        for (row, entry) in group.entries {
            if entry.isRow { cachedBytes += entry.batch?.bytes.count ?? 0 }
            if tails.tail(of: row).append(entry) >= options.foldRows { isFoldDue = true }
        }
        if cachedBytes > options.tailCacheBytes { evictTails() }
        counters.setBehind(!dirty.isEmpty)
        for action in group.afterCommit { action() }
        if isFoldDue {
            isFoldDue = false
            poke()
        }
        if hub.isHeard { tell() }
    }

    /// Fewer jobs than this at once are not from a crowd of clients.
    static let few = 4

    func failed(_ jobs: inout [WriteJob], _ error: any Error) {
        forgetStates()
        let reason = (error as? DatabaseError)?.asStoreError ?? error
        for job in jobs { job.fail(reason) }
        jobs.removeAll(keepingCapacity: true)
    }

    /// Gives back the memory of the largest tails; their bytes are in the table.
    func evictTails() {
        for tail in tails.all.sorted(by: { $0.bytes > $1.bytes }) {
            cachedBytes -= tail.evict()
            if cachedBytes <= options.tailCacheBytes / 2 { return }
        }
    }

    /// Listeners hear of grown runs at most every 50 ms, so that telling costs a busy writer next to nothing.
    private static let tellingSeconds = 0.05

    private func tell() {
        grown.formUnion(group.grown)
        group.grown = []
        var changes = group.changes
        group.changes = []
        let now = ContinuousClock.now
        if !grown.isEmpty, lastTold.map({ now - $0 >= .seconds(Self.tellingSeconds) }) ?? true {
            changes += rowChanges()
            (grown, lastTold) = ([], now)
        }
        hub.send(changes)
    }

    private func rowChanges() -> [StoreChange] {
        grown.compactMap { id -> StoreChange? in
            guard let state = states[id] else { return nil }
            return .rows(project: state.project, run: id, lastStep: state.lastStep ?? 0, rows: state.rows, points: state.points, metrics: state.takeGrown())
        }
    }

    /// Moves what is left of the log into the database file and empties the log: from here, so that no other connection ever holds the
    /// lock that a commit needs. It does not wait for readers; whoever reads an old snapshot puts it off.
    private func empty(_ request: WriteQueue.LogRequest) {
        try? pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(SQLiteStore.busySeconds * 1_000))") }
            _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(\(request.rawValue))")
        }
        logSpace.forget()
        counters.update { $0.checkpoints += 1 }
    }
}
