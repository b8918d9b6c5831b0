public import TrackModel

/// A thread that answers are given on.
public protocol AnswerThread: AnyObject, Sendable {
    /// Soon, or at once if this is the thread.
    func perform(_ work: @escaping @Sendable () -> Void)
}

/// A store that also takes batches from threads which cannot wait for long, such as an event loop's.
public protocol DirectStore: Store {
    /// As ``Store/append(_:to:)``, but returns at once; or, for a client which alone sends one small batch right after the other to a disk that is quick, after
    /// the commit, which takes some 0.1 ms then.
    /// - Parameters:
    ///   - thread: Where the answer is given; those of one commit come at once.
    ///   - answer: Called once, after the commit or when there will be none, which may be before this returns; on the caller's thread if it is refused
    ///     as it comes. It must not block.
    func append(_ batch: EncodedBatch, to run: RunID, on thread: any AnswerThread, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void)
    /// The same for a scanned JSON batch.
    func append(_ scanned: ScannedBatch, to run: RunID, on thread: any AnswerThread, answer: @escaping @Sendable (Result<BatchAcknowledgement, any Error>) -> Void)
}
