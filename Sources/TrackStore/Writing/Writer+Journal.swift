import GRDB
import TrackModel

extension Writer {
    /// Takes from the front of `jobs` what the journal can take, and acknowledges it once it is safe. The first that needs the tables, and all behind it, are left.
    func writeToJournal(_ jobs: inout [WriteJob]) {
        let count = jobs.prefix { $0.isSmallBatch }.count
        guard count > 0, rowsOnly == 0, !logSync.isBroken, journal.hasRoom(for: jobs[..<count].reduce(0) { $0 + $1.journalBytes }, makeSafe: logSync.syncLog) else { return }
        group.beginAnew(isInLog: false)
        var taken = 0
        while taken < count, case .batch(let job) = jobs[taken] {
            do {
                guard let answer = try storeInJournal(job) else { break }
                group.committed.answer(job, .success(answer))
            } catch {
                group.committed.answer(job, .failure(error))
            }
            taken += 1
        }
        guard taken > 0 else { return }
        guard journal.write() else { return forgetStates() }        // the tables take them, after all that the journal has
        if taken == jobs.count { return succeeded(&jobs) }
        var first = Array(jobs[..<taken])
        jobs.removeFirst(taken)
        succeeded(&first)
    }

    /// Writes one batch into the journal, and waits until it is safe.
    /// - Returns: What its sender is to hear; `nil` if it has to wait, or needs the tables: nothing has happened then.
    func writeAtOnce(_ job: BatchJob) -> Result<BatchAcknowledgement, any Error>? {
        guard client.isSingle, rowsOnly == 0, !logSync.isBroken, !logSync.isBusy, !journal.isSpillDue, job.isSmall,
              journal.hasRoom(for: JournalRecord.size(of: job.batch), makeSafe: logSync.syncLog) else { return nil }
        let began = ContinuousClock.now
        group.beginAnew(isInLog: false)
        do {
            guard let answer = try storeInJournal(job) else { return nil }
            guard journal.write() else { forgetStates(); return nil }       // the tables take it, after all that the journal has
            noteWritten()
            guard logSync.syncJournal() else { return .failure(LogSync.failure) }
            client.wrote(to: job.run, from: began, to: .now)
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    /// Makes rows of some batches whose file will be needed.
    /// - Parameter incoming: How many came meanwhile; more are moved, so that it ends before the other file is full.
    func spill(incoming: Int) {
        let most = max(Self.portion, 4 * incoming)
        commit(Change(work: { writer, db in
            let moved = try writer.moveToTable(all: false, most: most, looking: 32 * most, db)
            writer.group.afterCommit.append { writer.note(moved) }
        }, answer: { (_: Result<Void, any Error>) in }))
    }

    /// Batches that become rows in one transaction: a third of a millisecond's work.
    static let portion = 64

    /// Batches that became rows.
    struct Moved {
        fileprivate let progress: Journal.Progress
        fileprivate let batches: [(run: Int64, id: Int64)]
        var isEmpty: Bool { batches.isEmpty }
    }

    /// Makes rows of batches that only the journal has, oldest first, in the transaction that is open.
    /// - Parameters:
    ///   - all: Also those of the file that is being written.
    ///   - most: So many become rows,
    ///   - looked: and so many are looked at: it takes a moment, too, to pass over thousands that are folded.
    /// - Returns: For ``note(_:)``, after the commit.
    func moveToTable(all: Bool, most: Int = .max, looking looked: Int = .max, _ db: Database) throws -> Moved {
        var moved: [(run: Int64, id: Int64)] = [], left = looked
        let progress = try journal.waiting(all: all) { run, id in
            left -= 1
            guard let batch = tails[run]?.onlyInJournal(id) else { return left > 0 }        // folded, or its run was deleted
            try BatchTable.insert(batch, id: id, run: run, db)
            moved.append((run, id))
            return moved.count < most && left > 0
        }
        return Moved(progress: progress, batches: moved)
    }

    func note(_ moved: Moved) {
        journal.advance(to: moved.progress)
        for (run, id) in moved.batches { cachedBytes += tails[run]?.becameRow(id) ?? 0 }
        if cachedBytes > options.tailCacheBytes { evictTails() }
    }

    /// Leaves nothing in the journal. If that fails its files stay, and are read when the store is opened again.
    func closeJournal() {
        if logSync.isBroken { return }
        try? pool.writeWithoutTransaction { db in
            try inTransaction(db) { _ = try moveToTable(all: true, db) }
            if logSync.syncLog() { journal.remove() }
        }
    }
}

extension SQLiteStore {
    /// Calls `body` while the tables alone hold everything that was acknowledged.
    func withRowsOnly<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await write { writer, _ in writer.rowsOnly += 1 }
        do {
            while try await write({ writer, db in try writer.moveSome(db) }) {}
            try await settleSummaries()
            let value = try await body()
            try await write { writer, _ in writer.rowsOnly -= 1 }
            return value
        } catch {
            try? await write { writer, _ in writer.rowsOnly -= 1 }
            throw error
        }
    }
}

extension Writer {
    /// - Returns: Whether more may be left.
    fileprivate func moveSome(_ db: Database) throws -> Bool {
        let moved = try moveToTable(all: true, most: Self.portion, db)
        group.afterCommit.append { [self] in note(moved) }
        return !moved.isEmpty
    }
}

extension WriteJob {
    /// Whether it may go into the journal: a batch that is not large.
    fileprivate var isSmallBatch: Bool {
        if case .batch(let job) = self { job.isSmall } else { false }
    }

    fileprivate var journalBytes: Int {
        if case .batch(let job) = self { JournalRecord.size(of: job.batch) } else { 0 }
    }

    /// The run of a batch.
    var run: RunID? {
        if case .batch(let job) = self { job.run } else { nil }
    }
}

extension BatchJob {
    fileprivate var isSmall: Bool { batch.bytes.count <= Journal.largestBatch }
}
