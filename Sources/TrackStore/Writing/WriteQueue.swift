import Foundation
import TrackModel

/// What waits for the writer. Batches and other changes keep their order.
enum WriteJob: Sendable {
    case batch(BatchJob)
    case change(any ChangeJob)

    func fail(_ error: any Error) {
        switch self {
        case .batch(let job): job.continuation.resume(throwing: error)
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
    let continuation: CheckedContinuation<BatchAcknowledgement, any Error>
}

/// A queue with one taker: it takes all that waits at once.
final class WriteQueue: @unchecked Sendable {       // everything below is guarded by `condition`
    private let condition = NSCondition()
    private var waiting: [WriteJob] = []
    private var waitingBytes = 0
    private var isClosed = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Adds a job, or fails it at once when too much waits or the store is closed.
    func add(_ job: WriteJob) {
        condition.lock()
        let error: StoreError? = isClosed ? .closed : waitingBytes > limit ? .overloaded : nil
        if error == nil {
            waiting.append(job)
            if case .batch(let batch) = job { waitingBytes += batch.batch.bytes.count }
            if waiting.count == 1 { condition.signal() }
        }
        condition.unlock()
        if let error { job.fail(error) }
    }

    /// Everything that waits; empty after `deadline` without any; `nil` once closed and drained.
    func take(until deadline: Date?) -> [WriteJob]? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, !isClosed {
            guard let deadline else { condition.wait(); continue }
            if !condition.wait(until: deadline) { break }
        }
        if waiting.isEmpty, isClosed { return nil }
        defer { (waiting, waitingBytes) = ([], 0) }
        return waiting
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.signal()
        condition.unlock()
    }
}
