import GRDB
public import TrackModel

extension SQLiteStore {
    public func append(_ batch: EncodedBatch, to run: RunID) async throws -> BatchAcknowledgement {
        try await append(batch, to: run, .init())
    }

    public func appendUnnumbered(_ batch: Batch, missingSteps: Bool, to run: RunID) async throws -> BatchAcknowledgement {
        var batch = batch
        batch.writer = Self.unnumberedWriter
        return try await append(try EncodedBatch(checked: batch, options.limits), to: run, .init(given: false, hasAttempt: false, missingSteps: missingSteps))
    }

    public func append(_ scanned: ScannedBatch, to run: RunID) async throws -> BatchAcknowledgement {
        var batch = scanned.batch
        if !scanned.hasWriterAndSequence { batch.writer = Self.unnumberedWriter }
        return try await append(try EncodedBatch(checked: batch, options.limits), to: run, .init(
            given: scanned.hasWriterAndSequence, hasAttempt: scanned.hasAttempt, missingSteps: scanned.missingSteps))
    }

    /// The writer of batches that nobody numbers.
    static let unnumberedWriter = "(unnumbered)"

    private func append(_ batch: EncodedBatch, to run: RunID, _ numbering: BatchJob.Numbering) async throws -> BatchAcknowledgement {
        try await withCheckedThrowingContinuation {
            queue.add(.batch(BatchJob(batch: batch, run: run, numbering: numbering, continuation: $0)))
        }
    }
}

extension EncodedBatch {
    /// Encodes a batch; what does not fit becomes the store's error.
    init(checked batch: Batch, _ limits: BatchLimits) throws {
        do { try self.init(batch, limits: limits) } catch { throw StoreError.invalidBatch("\(error)") }
    }
}
