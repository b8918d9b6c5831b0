import Dispatch
import Synchronization

/// One epoch's batches, in order, however many threads make them.
public final class RawBatches {
    private let indexes: [ArraySlice<Int>]
    private let make: @Sendable (ArraySlice<Int>) throws -> RawBatch
    private let workers: Int
    private var started = 0
    /// Batches being made, the next one first: a queue whose front moves.
    private var pending: [PendingBatch] = []
    private var front = 0

    init(_ indexes: [ArraySlice<Int>], workers: Int, make: @escaping @Sendable (ArraySlice<Int>) throws -> RawBatch) {
        (self.indexes, self.workers, self.make) = (indexes, workers, make)
        // A single batch gains nothing from a thread: the caller would only wait for it.
        if indexes.count > 1 { for _ in 0..<workers { startOne() } }
    }

    /// The next batch, or `nil` after the last.
    /// - Throws: What making this batch threw; the batches after it can still be read.
    public func next() throws -> RawBatch? {
        guard front < pending.count else {
            guard started < indexes.count else { return nil }
            started += 1
            return try make(indexes[started - 1])
        }
        let batch = pending[front]
        front += 1
        startOne()
        return try batch.value()
    }

    private func startOne() {
        guard started < indexes.count else { return }
        let batch = PendingBatch(), indexes = indexes[started], make = make
        pending.removeFirst(front)
        front = 0
        pending.append(batch)
        started += 1
        DispatchQueue.global(qos: .userInitiated).async { [weak batch] in
            // Whoever stopped reading released its batches; making them would only delay the next epoch.
            guard batch != nil else { return }
            let result = Result { try make(indexes) }
            batch?.finish(result)
        }
    }
}

/// A batch that another thread is making.
private final class PendingBatch: Sendable {
    private let result = Mutex<Result<RawBatch, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    func finish(_ result: sending Result<RawBatch, any Error>) {
        self.result.withLock { $0 = result }
        isDone.signal()
    }

    func value() throws -> RawBatch {
        isDone.wait()
        return try result.withLock { $0! }.get()
    }
}
