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

struct BatchJob: Sendable {
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
}

/// A queue with one taker: it takes all that waits at once.
final class WriteQueue: @unchecked Sendable {       // everything below is guarded by `condition`
    private let condition = NSCondition()
    private var waiting: [WriteJob] = []
    /// How many wait, for a look without the lock.
    private let count = Atomic(0)
    private var lookout = Lookout()
    private var waitingBytes = 0
    private var isClosed = false
    private var logRequest: LogRequest?
    /// How many jobs the taker would like to have before it begins.
    private var wanted = 1
    /// How many it took the last time.
    private var lastTaken = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

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

    /// Whether anything waits.
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

    /// Everything that waits; nothing after `deadline` without any, or when the log is to be emptied.
    /// - Parameters:
    ///   - jobs: An empty array whose memory the next jobs will have.
    ///   - expected: How many jobs are likely to come soon.
    /// - Returns: False once closed and drained.
    func take(into jobs: inout [WriteJob], until deadline: Date?, expecting expected: Int) -> Bool {
        lookout.watch { isBusy }
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, !isClosed, logRequest == nil {
            guard let deadline else { condition.wait(); continue }
            if !condition.wait(until: deadline) { break }
        }
        if waiting.isEmpty, isClosed { return false }
        lookout.ended()
        gather(expected)
        swap(&waiting, &jobs)
        (waitingBytes, lastTaken) = (0, jobs.count)
        count.store(0, ordering: .releasing)
        return true
    }

    /// While many write at once, the first of them to be back does not get a commit of its own: for at most a millisecond, until as many
    /// wait as are expected. Who writes alone never waits.
    private func gather(_ expected: Int) {
        guard lastTaken >= 4, !waiting.isEmpty, !isClosed else { return }
        wanted = Swift.max(1, Swift.min(expected, 32))
        let end = Date().addingTimeInterval(0.001)
        while waiting.count < wanted, !isClosed, condition.wait(until: end) {}
        wanted = 1
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.signal()
        condition.unlock()
    }
}
