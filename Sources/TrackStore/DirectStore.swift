public import TrackModel

/// A store that also takes batches from threads which cannot wait, such as an event loop's.
public protocol DirectStore: Store {
    /// As ``Store/append(_:to:)``, but returns at once.
    /// - Parameter answer: Called once, on any thread, after the commit or when there will be none. It must not block.
    func append(_ batch: EncodedBatch, to run: RunID, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void)
    /// The same for a scanned JSON batch.
    func append(_ scanned: ScannedBatch, to run: RunID, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void)
}
