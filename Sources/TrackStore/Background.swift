import Foundation
import GRDB
import Synchronization
import TrackModel

/// What goes on beside requests: checkpoints, and folding batches into chunks.
final class Background: Sendable {
    private let path: String
    private let log: LogMeter
    private let queue: WriteQueue
    private let pool: DatabasePool
    private let tails: TailRegistry
    private let options: StoreOptions
    private let counters: StoreCounters
    let folder: Folder
    let writerDone = DispatchSemaphore(value: 0)
    private let wake = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)
    private let isPaused = Atomic(false)
    private let isWoken = Atomic(false)
    private let wantsTruncation = Atomic(false)

    init(path: String, log: LogMeter, pool: DatabasePool, queue: WriteQueue, tails: TailRegistry, options: StoreOptions, counters: StoreCounters) {
        (self.path, self.log, self.queue, self.pool) = (path, log, queue, pool)
        (self.tails, self.options, self.counters) = (tails, options, counters)
        folder = Folder(pool: pool, queue: queue, tails: tails, options: options, counters: counters)
    }

    func start() {
        let thread = Thread { [self] in
            yieldToRequests()
            let checkpoints = Checkpoints(path: path, log: log, options: options)
            while !isStopping.load(ordering: .acquiring) {
                _ = wake.wait(timeout: .now() + 0.25)
                isWoken.store(false, ordering: .releasing)
                if options.foldsInBackground, !isPaused.load(ordering: .acquiring) {
                    foldDue { self.checkpoint(checkpoints) }
                    try? folder.deleteFolded()      // what fails now, the disk being full perhaps, is tried again
                }
                checkpoint(checkpoints)
            }
            if wantsTruncation.load(ordering: .acquiring) { queue.request(.truncate) }
            checkpoints.close()
            stopped.signal()
        }
        thread.name = "track-background"
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Looks now for what is to be folded.
    func poke() {
        if !isWoken.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
    }

    func pause(_ paused: Bool) {
        isPaused.store(paused, ordering: .releasing)
        counters.update { $0.isFoldingPaused = paused }
        poke()
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        stopped.wait()
    }

    /// Folds runs with long tails, ended runs, and runs that have been quiet.
    /// - Parameter between: Called after each, since many folds take long.
    private func foldDue(between: () -> Void) {
        let now = ContinuousClock.now
        for tail in tails.all where !tail.isEmpty && !isStopping.load(ordering: .acquiring) {
            let isQuiet = now - tail.changed > .seconds(options.foldQuietSeconds)
            guard tail.rows >= options.foldRows || isQuiet || tail.isEnded, !tail.isBroken else { continue }
            do {
                guard let id = try pool.read({ db in try String.fetchOne(db, sql: "SELECT code FROM run WHERE id = :run", arguments: ["run": tail.row]) }),
                      let run = RunID(id) else { continue }
                while try folder.fold(run), tail.isEnded || isQuiet { folder.giveWay() }
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

    /// Folding gives way to requests: this thread gets a thirtieth of the processor time of one that serves, and all that is left over.
    private func yieldToRequests() {
        #if os(Linux)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)       // 0 is the calling thread, not the process
        #endif
    }
}
