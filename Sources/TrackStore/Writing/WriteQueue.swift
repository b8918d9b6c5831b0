import Foundation
import Synchronization
import TrackModel

/// What waits for the writer. Batches and other changes keep their order.
enum WriteJob: Sendable {
    case batch(BatchJob)
    case change(any ChangeJob)

    func fail(_ error: any Error) {
        switch self {
        case .batch(let job): job.answer(.failure(error))
        case .change(let job): job.fail(error)
        }
    }
}

/// A batch on its way. An object: it is handed on several times, and all that it holds would be counted each time.
final class BatchJob: Sendable {
    /// Who numbers the batch, and what else is still open.
    struct Numbering: Sendable {
        var given = true
        var hasAttempt = true
        var missingSteps = false
    }
    let batch: EncodedBatch
    let run: RunID
    let numbering: Numbering
    /// Where the answer is to be given; the writer's own if `nil`.
    let thread: (any AnswerThread)?
    /// Called once, after the commit or when there will be none; on the caller's thread, if the queue takes no more.
    let answer: @Sendable (Result<BatchAcknowledgement, any Error>) -> Void

    init(
        batch: EncodedBatch, run: RunID, numbering: Numbering, thread: (any AnswerThread)?,
        answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void
    ) {
        (self.batch, self.run, self.numbering, self.thread, self.answer) = (batch, run, numbering, thread, answer)
    }
}

/// A queue with one taker: it takes all that waits at once.
final class WriteQueue: @unchecked Sendable {       // everything below is guarded by `condition`
    private let condition = NSCondition()
    private var waiting: [WriteJob] = []
    /// Changes that can wait, and that nothing waits behind.
    private var chores: [any ChangeJob] = []
    /// How many wait, for a look without the lock.
    private let count = Atomic(0)
    private var lookout: Lookout        // the taker's own
    private var waitingBytes = 0
    private var isClosed = false
    private var logRequest: LogRequest?
    /// How many jobs the taker would like to have before it begins.
    private var wanted = 1
    /// How many it took the last time.
    private var lastTaken = 0
    private let limit: Int

    /// - Parameters:
    ///   - limit: Bytes of batches that may wait.
    ///   - processors: Those that the disk wakes, if the taker waits for it.
    init(limit: Int, processors: consuming IdleProcessors?) {
        self.limit = limit
        lookout = Lookout(processors)
    }

    /// Adds a job, or fails it at once when too much waits or the store is closed.
    func add(_ job: WriteJob) {
        condition.lock()
        let error: StoreError? = isClosed ? .closed : waitingBytes > limit ? .overloaded : nil
        if error == nil {
            waiting.append(job)
            count.store(waiting.count, ordering: .releasing)
            if case .batch(let batch) = job { waitingBytes += batch.batch.bytes.count }
            if waiting.count == 1 || waiting.count == wanted { condition.signal() }
        }
        condition.unlock()
        if let error { job.fail(error) }
    }

    /// Adds a change that gives way to all others, or fails it at once when the store is closed.
    func add(chore: any ChangeJob) {
        condition.lock()
        let isTaken = !isClosed
        if isTaken {
            chores.append(chore)
            condition.signal()
        }
        condition.unlock()
        if !isTaken { chore.fail(StoreError.closed) }
    }

    /// The oldest change that can wait.
    func takeChore() -> (any ChangeJob)? {
        condition.lock()
        defer { condition.unlock() }
        return chores.isEmpty ? nil : chores.removeFirst()
    }

    /// Whether anything waits that cannot.
    var isBusy: Bool { count.load(ordering: .acquiring) > 0 }

    /// What is to become of the database's log.
    enum LogRequest: String {
        /// It begins anew; its file stays as long as it is.
        case restart = "RESTART"
        /// Its file gives its space back.
        case truncate = "TRUNCATE"
    }

    /// Asks the writer to empty the database's log between two commits.
    func request(_ request: LogRequest) {
        condition.lock()
        if logRequest != .truncate { logRequest = request }
        condition.signal()
        condition.unlock()
    }

    /// How the log is to be emptied; asked once for each request.
    func takeLogRequest() -> LogRequest? {
        condition.lock()
        defer { logRequest = nil; condition.unlock() }
        return logRequest
    }

    /// What the taker waits for.
    struct Next {
        /// When it has something to do even if nothing comes.
        let deadline: Date?
        /// How many jobs are likely to come soon.
        let expected: Int
        /// Batches come past the queue: nobody looks out for more.
        let isPassed: Bool
        /// Whether earlier commits still wait for the disk, so that nothing is lost by waiting for more; ``diskIsFree()`` tells of the end.
        let isDiskBusy: @Sendable () -> Bool
    }

    /// Returns when something waits, at the deadline, when there is a chore, or when the log is to be emptied. To be called by the taker alone.
    /// - Returns: False once closed and drained.
    func wait(for next: Next) -> Bool {
        lookOut(next)
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, chores.isEmpty, !isClosed, logRequest == nil {
            guard let deadline = next.deadline else { condition.wait(); continue }
            if !condition.wait(until: deadline) { break }
        }
        if waiting.isEmpty, chores.isEmpty, isClosed { return false }
        lookout.ended()
        gather(next)
        return true
    }

    /// A crowd comes by itself, and needs the core.
    private func lookOut(_ next: Next) {
        if next.isPassed { return lookout.keepAwake() }
        let isCrowd = lastTaken >= Writer.few || next.expected >= Writer.few
        if !isCrowd { lookout.watch { isBusy } }
        if isCrowd || !isBusy { lookout.sleep() }
    }

    /// Everything that waits.
    /// - Parameter jobs: An empty array whose memory the next jobs will have.
    func take(into jobs: inout [WriteJob]) {
        condition.lock()
        defer { condition.unlock() }
        swap(&waiting, &jobs)
        if !jobs.isEmpty { lastTaken = jobs.count }
        waitingBytes = 0
        count.store(0, ordering: .releasing)
    }

    /// While many write at once, the first of them to be back does not get a commit of its own: for at most a millisecond, and only while the
    /// disk has others to bring home, until as many wait as are expected. Who writes alone never waits.
    private func gather(_ next: Next) {
        guard lastTaken >= Writer.few, !waiting.isEmpty, !isClosed else { return }
        wanted = Swift.max(1, Swift.min(next.expected, 16))
        let end = Date().addingTimeInterval(0.001)
        while waiting.count < wanted, !isClosed, next.isDiskBusy(), condition.wait(until: end) {}
        wanted = 1
    }

    /// Nothing waits for the disk any more. To be called on any thread.
    func diskIsFree() {
        condition.lock()
        if wanted > 1 { condition.signal() }
        condition.unlock()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.signal()
        condition.unlock()
    }
}
