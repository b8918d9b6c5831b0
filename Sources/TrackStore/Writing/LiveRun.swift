import TrackModel

/// A run as the writer knows it: sequences, series and counts, ahead of the tables by at most half a second.
///
/// Confined to the writer. It can always be read again: the tables and the batches after `summarisedBatch` hold everything.
final class LiveRun {
    let row: Int64
    let id: RunID
    let projectRow: Int64
    let project: String
    var latestAttempt = 0
    private var writers: [String: RunWriter] = [:]
    /// The one whose batch came last: a run hardly ever has another.
    private var lastWriter: RunWriter?
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
    /// Some of its metrics grew, and listeners have not heard of it.
    private var hasGrown = false
    /// The columns of the last batch, by place: batches of one program have the same columns in the same order.
    private var lastColumns: [EncodedBatch.ColumnLayout] = []
    private var lastPlaces: [Int] = []

    init(row: Int64, id: RunID, projectRow: Int64, project: String) {
        (self.row, self.id, self.projectRow, self.project) = (row, id, projectRow, project)
    }

    /// The highest sequence of a writer; 0 if nothing came from it.
    func sequence(of writer: String) -> UInt64 { known(writer)?.sequence ?? 0 }

    /// Takes a writer as its row has it.
    func add(_ writer: RunWriter) { writers[writer.name] = writer }

    var changedWriters: [RunWriter] { writers.values.filter(\.isChanged) }

    private func known(_ writer: String) -> RunWriter? {
        if let lastWriter, lastWriter.name == writer { return lastWriter }
        lastWriter = writers[writer]
        return lastWriter
    }

    private func writer(_ name: String, counts: (rows: Int, points: Int)? = (0, 0)) -> RunWriter {
        if let writer = known(name) { return writer }
        let writer = RunWriter(name: name, sequence: 0, counts: counts)
        (writers[name], lastWriter) = (writer, writer)
        return writer
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
        writer(batch.writer).count(batch)
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
        self.writer(writer, counts: nil).passOver(sequence)
    }
}

/// One writer of a run: what it sent last, and how much in all.
final class RunWriter {
    let name: String
    private(set) var sequence: UInt64
    /// Rows and points; `nil` if it wrote before this was counted, or what cannot be read.
    private(set) var counts: (rows: Int, points: Int)?
    /// Differs from its row.
    var isChanged = false

    init(name: String, sequence: UInt64, counts: (rows: Int, points: Int)?) { (self.name, self.sequence, self.counts) = (name, sequence, counts) }

    func count(_ batch: EncodedBatch) {
        counts = counts.map { ($0.rows + batch.rowCount, $0.points + batch.points) }
        passOver(batch.sequence)
    }

    func passOver(_ sequence: UInt64) {
        self.sequence = max(self.sequence, sequence)
        isChanged = true
    }
}
