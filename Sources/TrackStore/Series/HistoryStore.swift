public import TrackModel

/// What the server needs of a store to answer from whole histories beyond curves.
public protocol HistoryStore: Sendable {
    /// The values of metrics at the step where another metric is best, as its goal says; without a goal what is called a loss or an error is to be small.
    /// - Complexity: O(runs × pairs), each with one stretch of points of either metric.
    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)``. Runs that are not there have no values.
    func bestSteps(_ query: BestStepsQuery) async throws -> BestStepsAnswer
    /// Writes every visible point of these metrics of these runs, or of all their metrics, one line a point, a chunk in memory at a time.
    /// - Parameter sink: Called with portions of the text, in order, on one thread.
    /// - Returns: How many points were written.
    /// - Throws: ``StoreError/unknownRun(_:)``
    @discardableResult
    func export(_ runs: [RunID], metrics: [String]?, as format: ExportFormat, into sink: @escaping @Sendable ([UInt8]) throws -> Void) async throws -> Int
}

extension SQLiteStore: HistoryStore {}
