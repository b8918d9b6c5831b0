public import TrackModel

/// The delivery receipt: what was logged, what is stored, and what logging cost.
public struct RunReport: Sendable, Equatable {
    /// Rows and points for which `log` has returned and that were kept.
    public var loggedRows: Int
    public var loggedPoints: Int
    /// What the server has acknowledged.
    public var storedRows: Int
    public var storedPoints: Int
    /// Rows that could not be kept: disk and memory were full, or the spool had reached its limit.
    public var droppedRows: Int
    /// Histograms, events and other records that could not be kept.
    public var droppedRecords: Int
    /// Values whose names no server takes: empty, or longer than 500 bytes.
    public var refusedValues: Int
    /// Bytes in the spool, with their frames.
    public var bytes: Int
    /// What a call of `log` cost its caller, in microseconds, from every sixteenth call.
    public var p50_us: Double
    public var p99_us: Double
    /// How long the delivery went on after the last row.
    public var lag: Duration

    /// Whether everything that was logged is stored, and nothing was dropped.
    public var isComplete: Bool { loggedRows == storedRows && droppedRows == 0 && droppedRecords == 0 }
    /// Rows that wait in the spool.
    public var waitingRows: Int { max(0, loggedRows - storedRows) }

    init(_ collector: Collector, _ state: SpoolState, lag: Duration) {
        let (counts, p50, p99) = collector.state
        (loggedRows, loggedPoints) = (counts.loggedRows, counts.loggedPoints)
        (storedRows, storedPoints) = (Int(state.rows), Int(state.points))
        (droppedRows, droppedRecords, refusedValues) = (counts.droppedRows, counts.droppedExtras, counts.refusedValues)
        (bytes, p50_us, p99_us, self.lag) = (counts.bytes, p50, p99, lag)
    }

    /// As it stands in the run's `report`.
    public var json: JSONValue {
        ["loggedRows": .integer(Int64(loggedRows)), "loggedPoints": .integer(Int64(loggedPoints)),
         "storedRows": .integer(Int64(storedRows)), "storedPoints": .integer(Int64(storedPoints)),
         "droppedRows": .integer(Int64(droppedRows)), "droppedRecords": .integer(Int64(droppedRecords)),
         "refusedValues": .integer(Int64(refusedValues)), "bytes": .integer(Int64(bytes)),
         "p50_us": .number(p50_us), "p99_us": .number(p99_us), "lag_s": .number(lag.inSeconds),
         "complete": .bool(isComplete)]
    }
}

extension RunReport: CustomStringConvertible {
    /// One line for a terminal.
    public var description: String {
        let dropped = droppedRows + droppedRecords == 0 ? "nothing dropped" : "\(droppedRows) rows and \(droppedRecords) records dropped"
        return "\(loggedRows) rows logged, \(storedRows) stored, \(dropped); log took \(p50_us) µs (p99 \(p99_us) µs)"
    }
}
