import Foundation
import GRDB
import Synchronization
import TrackModel

/// What goes on beside requests: checkpoints, and folding batches into chunks.
final class Background: Sendable {
    private let path: String
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

    init(path: String, pool: DatabasePool, queue: WriteQueue, tails: TailRegistry, options: StoreOptions, counters: StoreCounters) {
        (self.path, self.pool, self.tails, self.options, self.counters) = (path, pool, tails, options, counters)
        folder = Folder(pool: pool, queue: queue, tails: tails, options: options, counters: counters)
    }

    func start() {
        let thread = Thread { [self] in
            let checkpoints = try? DatabaseQueue(path: path)
            while !isStopping.load(ordering: .acquiring) {
                _ = wake.wait(timeout: .now() + 0.25)
                isWoken.store(false, ordering: .releasing)
                if options.foldsInBackground, !isPaused.load(ordering: .acquiring) { foldDue() }
                if let checkpoints { checkpoint(checkpoints) }
            }
            try? checkpoints?.close()
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
    private func foldDue() {
        let now = ContinuousClock.now
        for tail in tails.all where !tail.isEmpty && !isStopping.load(ordering: .acquiring) {
            let isQuiet = now - tail.changed > .seconds(options.foldQuietSeconds)
            guard tail.rows >= options.foldRows || isQuiet || tail.isEnded, !tail.isBroken else { continue }
            do {
                guard let id = try pool.read({ db in try String.fetchOne(db, sql: "SELECT code FROM run WHERE id = :run", arguments: ["run": tail.row]) }),
                      let run = RunID(id) else { continue }
                if tail.isEnded || isQuiet { try folder.foldAll(run) } else { _ = try folder.fold(run) }
            } catch StoreError.closed {
                return
            } catch {
                tail.markBroken()           // damaged batches stay as they are; everything else goes on
                counters.update { $0.foldFailures += 1 }
            }
        }
    }

    /// Empties the log, so that a file that shrank gives its space back.
    func truncateLog() { wantsTruncation.store(true, ordering: .releasing); poke() }

    /// Moves the log into the database file once it is longer than 4 MiB, from a connection of its own, so that no commit waits.
    private func checkpoint(_ database: DatabaseQueue) {
        let size = ((try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? NSNumber)?.intValue ?? 0
        let truncates = wantsTruncation.exchange(false, ordering: .acquiringAndReleasing)
        guard size > 4 << 20 || truncates && size > 0 else { return }
        let mode = size > 256 << 20 || truncates ? "TRUNCATE" : "PASSIVE"
        _ = try? database.writeWithoutTransaction { db in try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(\(mode))") }
        counters.update { $0.checkpoints += 1 }
    }
}
