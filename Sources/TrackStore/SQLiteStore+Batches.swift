import GRDB
public import TrackModel

extension SQLiteStore: DirectStore {
    public func append(_ batch: EncodedBatch, to run: RunID) async throws -> BatchAcknowledgement {
        try await append(batch, to: run, .init())
    }

    public func appendUnnumbered(_ batch: Batch, missingSteps: Bool, to run: RunID) async throws -> BatchAcknowledgement {
        var batch = batch
        batch.writer = Self.unnumberedWriter
        return try await append(try EncodedBatch(checked: batch, options.limits), to: run, .init(given: false, hasAttempt: false, missingSteps: missingSteps))
    }

    public func append(_ scanned: ScannedBatch, to run: RunID) async throws -> BatchAcknowledgement {
        let (batch, numbering) = try encoded(scanned)
        return try await append(batch, to: run, numbering)
    }

    public func append(
        _ batch: EncodedBatch, to run: RunID, on thread: any AnswerThread, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void
    ) {
        writerThread.add(BatchJob(batch: batch, run: run, numbering: .init(), thread: thread, answer: answer))
    }

    public func append(
        _ scanned: ScannedBatch, to run: RunID, on thread: any AnswerThread, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void
    ) {
        do {
            let (batch, numbering) = try encoded(scanned)
            writerThread.add(BatchJob(batch: batch, run: run, numbering: numbering, thread: thread, answer: answer))
        } catch {
            answer(.failure(error))
        }
    }

    private func encoded(_ scanned: ScannedBatch) throws -> (EncodedBatch, BatchJob.Numbering) {
        var batch = scanned.batch
        if !scanned.hasWriterAndSequence { batch.writer = Self.unnumberedWriter }
        return (try EncodedBatch(checked: batch, options.limits), BatchJob.Numbering(
            given: scanned.hasWriterAndSequence, hasAttempt: scanned.hasAttempt, missingSteps: scanned.missingSteps))
    }

    /// The writer of batches that nobody numbers.
    static let unnumberedWriter = "(unnumbered)"

    private func append(_ batch: EncodedBatch, to run: RunID, _ numbering: BatchJob.Numbering) async throws -> BatchAcknowledgement {
        try await withCheckedThrowingContinuation { continuation in
            queue.add(.batch(BatchJob(batch: batch, run: run, numbering: numbering, thread: nil) { continuation.resume(with: $0) }))
        }
    }
}

extension EncodedBatch {
    /// Encodes a batch; what does not fit becomes the store's error.
    init(checked batch: Batch, _ limits: BatchLimits) throws {
        do { try self.init(batch, limits: limits) } catch { throw StoreError.invalidBatch("\(error)") }
    }
}
