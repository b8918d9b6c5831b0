import Foundation
import Synchronization
import TrackModel

/// Calls the writer: on a thread of its own, or on that of a client which alone sends one small batch right after the other.
///
/// Such a client would wait for two changes of threads at each batch, or for two threads that look out for each other and keep two cores busy with it.
/// Nobody else is held up, so who brings its batch writes it, and waits for the disk as the writer would have.
final class WriterThread: Sendable {
    private let queue: WriteQueue
    private let writer: Mutex<Writer>
    /// Whether a single client writes, for a look without the lock.
    private let isSingle = Atomic(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ writer: sending Writer, queue: WriteQueue) {
        self.queue = queue
        self.writer = Mutex(writer)
    }

    func start() {
        let thread = Thread { [self] in
            loop()
            hasEnded.signal()
        }
        thread.name = "track-writer"
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Returns once the queue, which must have been closed, is empty. To be called once.
    func waitForEnd() { hasEnded.wait() }

    /// Takes a batch whose sender is told on a thread of its choice: leaves it to the writer's thread, or writes it here.
    func add(_ job: BatchJob) {
        if isSingle.load(ordering: .acquiring), let answer = writeHere(job) { return job.give(answer) }
        queue.add(.batch(job))
    }

    /// - Returns: `nil` if it is the thread's; nothing has happened then.
    private func writeHere(_ job: BatchJob) -> Result<BatchAcknowledgement, any Error>? {
        writer.withLockIfAvailable { writer in
            if queue.isBusy { return nil }          // what waits came before
            let answer = writer.writeAtOnce(job)
            isSingle.store(writer.client.isSingle, ordering: .releasing)
            return answer
        } ?? nil
    }

    private func loop() {
        var next = writer.withLock { writer in
            writer.begin()
            return writer.next
        }
        while queue.wait(for: next) {
            next = writer.withLock { writer in
                writer.work()
                isSingle.store(writer.client.isSingle, ordering: .releasing)
                return writer.next
            }
        }
        writer.withLock { writer in
            isSingle.store(false, ordering: .releasing)
            writer.finish()
        }
    }
}

extension BatchJob {
    /// Gives its sender the answer, on the thread it wants.
    fileprivate func give(_ result: Result<BatchAcknowledgement, any Error>) {
        if let thread { thread.perform { [self] in answer(result) } } else { answer(result) }
    }
}
