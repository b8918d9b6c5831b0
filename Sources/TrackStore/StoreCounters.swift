import Synchronization

/// What the store has done since it was opened, for monitoring.
public final class StoreCounters: Sendable {
    /// One reading of all counters.
    public struct Values: Sendable, Equatable {
        /// Commits that held batches.
        public var commits = 0
        public var batches = 0
        /// Commits by the batches they took: as many as `groupSizes` says or fewer, the last entry for all.
        public var commitsBySize = [Int](repeating: 0, count: StoreCounters.groupSizes.count + 1)
        public var folds = 0
        public var foldedRows = 0
        public var foldedPoints = 0
        public var foldFailures = 0
        /// Time spent folding, in seconds.
        public var foldSeconds = 0.0
        public var checkpoints = 0
        /// Rows that are acknowledged and not folded yet.
        public var tailRows = 0
        public var tailBatches = 0
        public var damagedBlobs = 0
        /// Runs that lay in the bin for long enough, and the bytes that were freed with them.
        public var expiredRuns = 0
        public var expiredBytes = 0
        public var isFoldingPaused = false
    }

    /// The upper edges of ``Values/commitsBySize``.
    public static let groupSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]

    private let values = Mutex(Values())
    private let behind = Atomic(false)

    /// Whether the tables of runs are behind what was acknowledged.
    var isBehind: Bool { behind.load(ordering: .acquiring) }
    func setBehind(_ value: Bool) { behind.store(value, ordering: .releasing) }

    /// What was counted so far; the tails stand in ``Store/statistics()``.
    public var current: Values { values.withLock { $0 } }
    func folded(rows: Int, points: Int, duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        values.withLock {
            $0.folds += 1
            $0.foldedRows += rows
            $0.foldedPoints += points
            $0.foldSeconds += seconds
        }
    }
    func committed(batches: Int) {
        if batches == 0 { return }
        let place = Self.groupSizes.firstIndex { batches <= $0 } ?? Self.groupSizes.count
        values.withLock {
            $0.commits += 1
            $0.batches += batches
            $0.commitsBySize[place] += 1
        }
    }
    func update(_ change: (inout sending Values) -> Void) { values.withLock { change(&$0) } }
}
