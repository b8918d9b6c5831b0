import Foundation
import GRDB
import Synchronization
import TrackModel

/// Folds batches into chunks. The work is done on a snapshot, beside the writer; only the finished blobs go through its queue.
final class Folder: Sendable {
    private let pool: DatabasePool
    private let queue: WriteQueue
    private let tails: TailRegistry
    private let options: StoreOptions
    private let counters: StoreCounters
    private let oneAtATime = NSLock()
    private let nextGroup = Atomic<Int64>(0)
    private let folded = Mutex(FoldedBatches())
    /// How long the last fold held the writer.
    private let held = Mutex(Duration.zero)

    init(pool: DatabasePool, queue: WriteQueue, tails: TailRegistry, options: StoreOptions, counters: StoreCounters) {
        (self.pool, self.queue, self.tails, self.options, self.counters) = (pool, queue, tails, options, counters)
    }

    /// Folds all that a run has now, and deletes the rows of what is folded. Blocks.
    func foldAll(_ run: RunID) throws {
        while try fold(run) {}
        try deleteFolded(all: true)
    }

    /// Folds one portion of a run's batches. Blocks.
    /// - Parameter isGrowing: More rows will come soon, so that only whole groups are made.
    /// - Returns: Whether more may wait.
    func fold(_ run: RunID, isGrowing: Bool = false) throws -> Bool {
        try oneAtATime.withLock {
            let start = ContinuousClock.now
            guard let row = try pool.read({ db in try RunRecords.row(of: run, db) }),
                  let before = tails[row]?.entries, !before.isEmpty else { return false }
            let plan = try pool.read { db in
                startCounting(db)
                let history = try RunHistory.read(run, limits: options.limits, db, tailsBefore: [row: before])
                return try FoldPlan(history, isGrowing: isGrowing, nextGroup: { nextGroup.add(1, ordering: .relaxed).newValue }, db)
            }
            guard let plan else { return false }
            let written = try commit(plan, of: run)
            counters.folded(rows: plan.rows, points: plan.points, duration: .now - start)
            return written && plan.batches.count < before.count
        }
    }

    private func startCounting(_ db: Database) {
        if nextGroup.load(ordering: .relaxed) > 0 { return }
        let greatest = (try? Int64.fetchOne(db, sql: "SELECT MAX(id) FROM row_group")) ?? 0
        nextGroup.store(max(greatest, 1), ordering: .relaxed)
    }

    /// While others wait for the writer, folding holds it for a tenth of the time at most: call it after each of many folds.
    func giveWay() {
        guard queue.isBusy else { return }
        Thread.sleep(forTimeInterval: min(held.withLock { $0 } * 9 / .seconds(1), 0.1))
    }

    private func commit(_ plan: FoldPlan, of run: RunID) throws -> Bool {
        let rows: [Int64]? = try queue.chore { [self] writer, db in
            let start = ContinuousClock.now
            defer { held.withLock { $0 = .now - start } }
            // Summaries first: after a crash they are caught up from batches, and these batches will be gone.
            if let state = writer.states[run] { try writer.flush(state, db) }
            guard try plan.write(db) else { return nil }
            writer.group.afterCommit.append { writer.forget(plan) }
            return writer.tails[plan.run]?.rows(upTo: plan.lastBatch) ?? []
        }
        // The mark in the run is what counts; the rows themselves may go later.
        if let rows { folded.withLock { $0.add(rows, at: .now) } }
        return rows != nil
    }

    /// Deletes rows of folded batches, in portions that no commit feels. Blocks.
    /// - Parameter all: Also those among which others are still needed.
    func deleteFolded(all: Bool = false) throws {
        try oneAtATime.withLock {
            while !folded.withLock(\.isEmpty) {
                let needed = all ? nil : tails.all.lazy.filter { !$0.isBroken }.compactMap { $0.entries.first?.id }.min()
                let next = folded.withLock { $0.next(before: needed, most: Self.portion, at: .now) }
                if next.isEmpty { return }
                let deleted = try queue.chore { _, db in try Self.delete(next, db) }
                folded.withLock { $0.removeFirst(deleted) }
            }
        }
    }

    /// Rows that are deleted in one transaction at most, and how long it may take to delete them: rows differ in size.
    private static let portion = 500, time = Duration.microseconds(500)

    /// - Returns: How many there was time for.
    private static func delete(_ ids: [Int64], _ db: Database) throws -> Int {
        let start = ContinuousClock.now
        let delete = try RawStatement(db, "DELETE FROM batch WHERE id = ?1")
        for (place, id) in ids.enumerated() {
            if place > 0, ContinuousClock.now - start > time { return place }
            delete.bind(id)
            try delete.run()
        }
        return ids.count
    }
}

extension Writer {
    /// Memory needs the folded batches no longer.
    fileprivate func forget(_ plan: FoldPlan) {
        guard let tail = tails[plan.run] else { return }
        cachedBytes -= tail.drop(upTo: plan.lastBatch)
        if tail.isEmpty { tails.remove(plan.run) }
    }
}

extension WriteQueue {
    /// Runs a change in a transaction of its own when the writer comes to it, and waits for its commit. Never call it from the writer or a task.
    func chore<Value: Sendable>(_ work: @escaping @Sendable (Writer, Database) throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        add(chore: Change(work: work) { result in
            outcome.withLock { $0 = result }
            done.signal()
        })
        done.wait()
        return try outcome.withLock { $0! }.get()
    }
}
