import TrackModel

/// A run as the writer knows it: sequences, series and counts, ahead of the tables by at most half a second.
///
/// Confined to the writer's thread. It can always be read again: the tables and the batches after `summarisedBatch` hold everything.
final class LiveRun {
    let row: Int64
    let id: RunID
    let projectRow: Int64
    let project: String
    var latestAttempt = 0
    var writers: [String: UInt64] = [:]
    var metrics: [MetricState] = []
    var places: [String: Int] = [:]
    var rows = 0
    var points = 0
    var lastStep: Int64?
    var logLines = 0
    /// What is asked of its program and not yet answered.
    var commands: [CommandRecord] = []
    /// Counts and summaries hold every batch up to this one.
    var summarisedBatch: Int64 = 0
    /// Differs from its tables.
    var isDirty = false { didSet { if isDirty, !oldValue { dirtySince = .now } } }
    /// Since when.
    private(set) var dirtySince = ContinuousClock.now
    /// A late or repeated step came: summaries have to be made anew from the points.
    var needsSettling = false
    /// The last batch that brought such steps.
    var disturbedBatch: Int64 = 0
    var changedWriters: Set<String> = []
    /// Some of its metrics grew, and listeners have not heard of it.
    private var hasGrown = false
    /// Rows and points of each writer; without those that wrote before this was counted.
    var counts: [String: (rows: Int, points: Int)] = [:]
    /// The columns of the last batch, by place: batches of one program have the same columns in the same order.
    private var lastColumns: [EncodedBatch.ColumnLayout] = []
    private var lastPlaces: [Int] = []

    init(row: Int64, id: RunID, projectRow: Int64, project: String) {
        (self.row, self.id, self.projectRow, self.project) = (row, id, projectRow, project)
    }

    /// The places of a batch's columns, if they are named as those of the batch before.
    func samePlaces(of columns: [EncodedBatch.ColumnLayout]) -> [Int]? {
        guard columns.haveNames(of: lastColumns) else { return nil }
        lastColumns = columns               // the next ones are likely to be these very ones, which shows at a glance
        return lastPlaces
    }

    /// The places of a batch's columns; `nil` for those that are new.
    func places(of columns: [EncodedBatch.ColumnLayout]) -> [Int?] { columns.map { places[$0.name] } }

    func remember(_ columns: [EncodedBatch.ColumnLayout], at places: [Int]) { (lastColumns, lastPlaces) = (columns, places) }

    /// Takes a committed or about-to-be-committed batch into counts and summaries. O(points).
    func summarise(_ batch: EncodedBatch, id: Int64, at places: [Int]) {
        rows += batch.rowCount
        points += batch.points
        summarisedBatch = id
        isDirty = true
        if let known = counts[batch.writer] {
            counts[batch.writer] = (known.rows + batch.rowCount, known.points + batch.points)
        } else if writers[batch.writer] == nil {
            counts[batch.writer] = (batch.rowCount, batch.points)
        }
        if writers[batch.writer] ?? 0 < batch.sequence { writers[batch.writer] = batch.sequence }
        changedWriters.insert(batch.writer)
        guard batch.rowCount > 0 else { return }
        let steps = batch.withSteps(Self.look)
        lastStep = Swift.max(lastStep ?? steps.greatest, steps.greatest)
        let fits = steps.ascend && batch.attempt == latestAttempt           // what an older attempt sends may be hidden
        let isDisturbed = metrics.withUnsafeMutableBufferPointer { metrics in
            var isDisturbed = false
            for (column, place) in zip(batch.columns, places) where column.valueCount > 0 {
                if !fits || !metrics[place].append(column, of: batch, firstStep: steps.first) {
                    metrics[place].isDirty = true
                    isDisturbed = true
                }
            }
            return isDisturbed
        }
        if isDisturbed { (needsSettling, disturbedBatch) = (true, id) }
    }

    private static func look(at steps: UnsafeBufferPointer<Int64>) -> (first: Int64, greatest: Int64, ascend: Bool) {
        var ascend = true, greatest = steps[0]
        for index in 1..<Swift.max(steps.count, 1) {
            if steps[index] <= steps[index - 1] { ascend = false }
            greatest = Swift.max(greatest, steps[index])
        }
        return (steps[0], greatest, ascend)
    }

    /// Notes that listeners are to hear of these metrics.
    /// - Returns: Whether they were to hear of none before.
    func grow(_ places: [Int]) -> Bool {
        metrics.withUnsafeMutableBufferPointer { metrics in for place in places { metrics[place].hasGrown = true } }
        defer { hasGrown = true }
        return !hasGrown
    }

    /// The names of the metrics that grew since this was last asked.
    func takeGrown() -> [String] {
        hasGrown = false
        return metrics.withUnsafeMutableBufferPointer { metrics in
            var names: [String] = []
            for place in metrics.indices where metrics[place].hasGrown {
                metrics[place].hasGrown = false
                names.append(metrics[place].name)
            }
            return names
        }
    }

    /// Counts a batch that cannot be read as received.
    func passOver(_ id: Int64, writer: String, sequence: UInt64) {
        summarisedBatch = id
        isDirty = true
        writers[writer] = Swift.max(writers[writer] ?? 0, sequence)
        changedWriters.insert(writer)
    }
}
