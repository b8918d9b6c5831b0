import Foundation
import GRDB
import Synchronization

/// What goes on beside requests: checkpoints, and folding batches into chunks.
final class Background: Sendable {
    let path: String
    let pool: DatabasePool
    let queue: WriteQueue
    let tails: TailRegistry
    let options: StoreOptions
    let counters: StoreCounters
    let writerDone = DispatchSemaphore(value: 0)
    private let stopping = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)

    init(path: String, pool: DatabasePool, queue: WriteQueue, tails: TailRegistry, options: StoreOptions, counters: StoreCounters) {
        (self.path, self.pool, self.queue, self.tails, self.options, self.counters) = (path, pool, queue, tails, options, counters)
    }

    func start() {
        let thread = Thread { [self] in
            let checkpoints = try? DatabaseQueue(path: path)
            while stopping.wait(timeout: .now() + 0.25) == .timedOut {
                if let checkpoints { checkpoint(checkpoints) }
            }
            try? checkpoints?.close()
            stopped.signal()
        }
        thread.name = "track-background"
        thread.start()
    }

    func stop() {
        stopping.signal()
        stopped.wait()
    }

    func waitForWriter() async {
        await withCheckedContinuation { continuation in
            Thread { [self] in
                writerDone.wait()
                continuation.resume()
            }.start()
        }
    }

    /// Moves the log into the database file once it is longer than 4 MiB, from a connection of its own, so that no commit waits.
    private func checkpoint(_ database: DatabaseQueue) {
        let size = ((try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? NSNumber)?.intValue ?? 0
        guard size > 4 << 20 else { return }
        let mode = size > 256 << 20 ? "TRUNCATE" : "PASSIVE"
        _ = try? database.writeWithoutTransaction { db in try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(\(mode))") }
        counters.update { $0.checkpoints += 1 }
    }
}
