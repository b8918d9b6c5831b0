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
    /// Counts and summaries hold every batch up to this one.
    var summarisedBatch: Int64 = 0
    /// Differs from its tables.
    var isDirty = false
    /// A late or repeated step came: summaries have to be made anew from the points.
    var needsSettling = false
    /// The last batch that brought such steps.
    var disturbedBatch: Int64 = 0
    var changedWriters: Set<String> = []
    /// Rows and points of each writer; without those that wrote before this was counted.
    var counts: [String: (rows: Int, points: Int)] = [:]
    /// The columns of the last batch, by place: batches of one program have the same columns in the same order.
    private var lastColumns: [EncodedBatch.ColumnLayout] = []
    private var lastPlaces: [Int] = []

    init(row: Int64, id: RunID, projectRow: Int64, project: String) {
        (self.row, self.id, self.projectRow, self.project) = (row, id, projectRow, project)
    }

    /// The places of a batch's columns; `nil` for those that are new.
    func places(of columns: [EncodedBatch.ColumnLayout]) -> [Int?] {
        if sameNames(columns) { return lastPlaces }
        return columns.map { places[$0.name] }
    }

    func remember(_ columns: [EncodedBatch.ColumnLayout], at places: [Int]) { (lastColumns, lastPlaces) = (columns, places) }

    private func sameNames(_ columns: [EncodedBatch.ColumnLayout]) -> Bool {
        guard columns.count == lastColumns.count else { return false }
        for index in columns.indices where columns[index].name != lastColumns[index].name { return false }
        return true
    }

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
        batch.withSteps { steps in
            var ascending = true, greatest = steps[0]
            for index in 1..<Swift.max(steps.count, 1) {
                if steps[index] <= steps[index - 1] { ascending = false }
                greatest = Swift.max(greatest, steps[index])
            }
            lastStep = Swift.max(lastStep ?? greatest, greatest)
            for (column, place) in zip(batch.columns, places) where column.valueCount > 0 {
                add(batch, column, steps, ascending: ascending, to: place)
            }
        }
    }

    /// Counts a batch that cannot be read as received.
    func passOver(_ id: Int64, writer: String, sequence: UInt64) {
        summarisedBatch = id
        isDirty = true
        writers[writer] = Swift.max(writers[writer] ?? 0, sequence)
        changedWriters.insert(writer)
    }

    private func add(_ batch: EncodedBatch, _ column: EncodedBatch.ColumnLayout, _ steps: UnsafeBufferPointer<Int64>, ascending: Bool, to place: Int) {
        metrics[place].isDirty = true
        let isLater = metrics[place].count == 0 || steps[0] > metrics[place].lastStep
        guard ascending, isLater, batch.attempt == latestAttempt else {        // what an older attempt sends may be hidden
            needsSettling = true
            disturbedBatch = summarisedBatch
            return
        }
        metrics[place].lastAttempt = batch.attempt
        var metric = metrics[place]         // a local one stays in registers
        batch.withValues(column) { values in for value in values { metric.append(value) } }
        metrics[place] = metric
        let rows = batch.firstAndLastRow(column)
        if metrics[place].firstStep == .max { metrics[place].firstStep = steps[rows.first] }
        metrics[place].lastStep = steps[rows.last]
    }
}
