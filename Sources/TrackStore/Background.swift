import Foundation
import GRDB
import Synchronization
import TrackModel
import TrackSeries

/// What goes on beside requests, each on a thread of its own: checkpoints, and folding batches into chunks.
final class Background: Sendable {
    private let path: String
    private let log: LogMeter
    private let queue: WriteQueue
    private let pool: DatabasePool
    private let tails: TailRegistry
    private let options: StoreOptions
    private let counters: StoreCounters
    let folder: Folder
    private let foldingBell = Bell(), checkpointBell = Bell()
    private let stopped = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)
    private let isPaused = Atomic(false)
    private let wantsTruncation = Atomic(false)
    /// The checkpoints' thread folds.
    private let isHelped = Atomic(false)

    init(path: String, log: LogMeter, pool: DatabasePool, queue: WriteQueue, tails: TailRegistry, options: StoreOptions, counters: StoreCounters) {
        (self.path, self.log, self.queue, self.pool) = (path, log, queue, pool)
        (self.tails, self.options, self.counters) = (tails, options, counters)
        folder = Folder(pool: pool, queue: queue, tails: tails, options: options, counters: counters)
    }

    func start() {
        start("track-fold") { [self] in
            BackgroundPriority.leftOver.take()
            while !isStopping.load(ordering: .acquiring) {
                foldingBell.wait(0.25)
                fold(from: options.foldRows)
            }
        }
        start("track-checkpoint") { [self] in
            BackgroundPriority.low.take()
            let checkpoints = Checkpoints(path: path, log: log, options: options)
            while !isStopping.load(ordering: .acquiring) {
                checkpointBell.wait(0.25)
                checkpoint(checkpoints)
                helpFolding { self.checkpoint(checkpoints) }
            }
            if wantsTruncation.load(ordering: .acquiring) { queue.request(.truncate) }
            checkpoints.close()
        }
    }

    private func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread { [stopped] in
            work()
            stopped.signal()
        }
        thread.name = name
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Looks now for what is to be done.
    func poke() {
        foldingBell.ring()
        checkpointBell.ring()
    }

    func pause(_ paused: Bool) {
        isPaused.store(paused, ordering: .releasing)
        counters.update { $0.isFoldingPaused = paused }
        poke()
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        poke()
        for _ in 0..<2 { stopped.wait() }
    }

    /// Where other programs leave nothing over, tails would grow for ever: a long one is folded by a thread that gets its share.
    /// - Parameter between: Called after each fold, since many take long.
    private func helpFolding(between: () -> Void) {
        guard tails.all.contains(where: { $0.rows >= Self.longTail && !$0.isBroken }) else { return }
        isHelped.store(true, ordering: .releasing)
        fold(from: Self.longTail, between: between)
        isHelped.store(false, ordering: .releasing)
    }

    /// Rows of one run that charts still read from their batches within some 30 ms.
    private static let longTail = 64 * RowGroup.size

    /// - Parameter rows: Shorter tails stay, unless their runs have ended or are quiet.
    private func fold(from rows: Int, between: () -> Void = {}) {
        guard options.foldsInBackground, !isPaused.load(ordering: .acquiring) else { return }
        foldDue(from: rows, between: between)
        try? folder.deleteFolded()      // what fails now, the disk being full perhaps, is tried again
    }

    /// Folds runs with long tails, ended runs, and runs that have been quiet.
    private func foldDue(from rows: Int, between: () -> Void) {
        let now = ContinuousClock.now
        for tail in tails.all where !tail.isEmpty && !isStopping.load(ordering: .acquiring) {
            if rows < Self.longTail, isHelped.load(ordering: .acquiring) { return }       // one at a time, and not the one that hardly gets on
            let isGrowing = !tail.isEnded && now - tail.changed <= .seconds(options.foldQuietSeconds)
            guard tail.rows >= rows || !isGrowing, !tail.isBroken else { continue }
            do {
                guard let id = try pool.read({ db in try String.fetchOne(db, sql: "SELECT code FROM run WHERE id = :run", arguments: ["run": tail.row]) }),
                      let run = RunID(id) else { continue }
                while try folder.fold(run, isGrowing: isGrowing), !isGrowing || tail.isEnded { folder.giveWay() }
                between()
                folder.giveWay()
            } catch StoreError.closed {
                return
            } catch {
                if case StoreError.damaged = error { tail.markBroken() }     // damaged batches stay as they are; the rest is tried again
                counters.update { $0.foldFailures += 1 }
            }
        }
    }

    /// Empties the log, so that a file that shrank gives its space back.
    func truncateLog() { wantsTruncation.store(true, ordering: .releasing); poke() }

    private func checkpoint(_ checkpoints: Checkpoints) {
        let truncates = wantsTruncation.exchange(false, ordering: .acquiringAndReleasing)
        guard checkpoints.run(always: truncates) else { return }
        counters.update { $0.checkpoints += 1 }
        if truncates { queue.request(.truncate) } else if log.bytes > options.logBytes { queue.request(.restart) }
    }
}

/// Wakes one thread; ringing again before it is awake changes nothing.
private final class Bell: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let isRung = Atomic(false)

    func ring() {
        if !isRung.exchange(true, ordering: .acquiringAndReleasing) { semaphore.signal() }
    }

    /// Returns at the next ring, or after so many seconds.
    func wait(_ seconds: Double) {
        _ = semaphore.wait(timeout: .now() + seconds)
        isRung.store(false, ordering: .releasing)
    }
}
