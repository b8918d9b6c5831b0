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
    /// Rows that the server will never take; their batches are kept beside the spool.
    public var refusedRows: Int
    /// Places where something is missing: batches that the server lost, parts of the spool that are damaged or gone.
    public var gaps: Int
    /// Values whose names no server takes: empty, or longer than 500 bytes.
    public var refusedValues: Int
    /// Bytes in the spool, with their frames.
    public var bytes: Int
    /// Images and other files that wait in the spool.
    public var waitingFiles = 0
    /// What a call of `log` cost its caller, in microseconds, from the first calls and then every sixteenth.
    public var p50_us: Double
    public var p99_us: Double
    /// How long the delivery went on after the last row.
    public var lag: Duration

    /// Whether everything that was logged is stored, and nothing was dropped.
    public var isComplete: Bool { loggedRows == storedRows && waitingFiles == 0 && droppedRows == 0 && droppedRecords == 0 && refusedRows == 0 && gaps == 0 }
    /// Rows that wait in the spool.
    public var waitingRows: Int { max(0, loggedRows - storedRows - refusedRows) }

    /// - Parameter discarded: Rows that were thrown away to keep newer ones, as far as the delivery has not come across their place yet.
    init(_ collector: Collector, _ state: SpoolState, discarded: Int = 0, lag: Duration) {
        let (counts, p50, p99) = collector.state
        let lost = max(Int(state.lostRows), discarded)
        (loggedRows, loggedPoints) = (counts.loggedRows - lost, counts.loggedPoints)
        (storedRows, storedPoints) = (Int(state.rows), Int(state.points))
        (droppedRows, droppedRecords, refusedValues) = (counts.droppedRows + lost, counts.droppedExtras, counts.refusedValues)
        (refusedRows, gaps) = (Int(state.refusedRows), Int(state.gaps))
        (bytes, p50_us, p99_us, self.lag) = (counts.bytes, p50, p99, lag)
    }

    /// As it stands in the run's `report`.
    public var json: JSONValue {
        ["loggedRows": .integer(Int64(loggedRows)), "loggedPoints": .integer(Int64(loggedPoints)),
         "storedRows": .integer(Int64(storedRows)), "storedPoints": .integer(Int64(storedPoints)),
         "waitingFiles": .integer(Int64(waitingFiles)), "droppedRows": .integer(Int64(droppedRows)), "droppedRecords": .integer(Int64(droppedRecords)),
         "refusedRows": .integer(Int64(refusedRows)), "gaps": .integer(Int64(gaps)),
         "refusedValues": .integer(Int64(refusedValues)), "bytes": .integer(Int64(bytes)),
         "p50_us": .number(p50_us), "p99_us": .number(p99_us), "lag_s": .number(lag.inSeconds),
         "complete": .bool(isComplete)]
    }

    /// The receipt of a writer whose spool another process has delivered to its end: what the spool itself shows, over what the writer said
    /// last. A writer that was killed said nothing.
    /// - Parameters:
    ///   - rows: Rows that were logged, whatever became of them.
    ///   - tally: What the writer could not keep.
    static func completed(_ said: JSONValue?, rows: UInt64, tally: (rows: Int, records: Int), _ state: SpoolState) -> JSONValue {
        let kept = state.rows + state.refusedRows, lost = rows > kept ? rows - kept : 0
        let dropped = UInt64(tally.rows) + lost
        let isComplete = dropped == 0 && tally.records == 0 && state.refusedRows == 0 && state.gaps == 0
        return (said ?? .object([:])).merging([
            "loggedRows": .integer(Int64(kept)), "storedRows": .integer(Int64(state.rows)), "storedPoints": .integer(Int64(state.points)),
            "droppedRows": .integer(Int64(dropped)), "droppedRecords": .integer(Int64(tally.records)),
            "refusedRows": .integer(Int64(state.refusedRows)), "gaps": .integer(Int64(state.gaps)), "complete": .bool(isComplete),
        ])
    }
}

extension RunReport: CustomStringConvertible {
    /// One line for a terminal.
    public var description: String {
        let dropped = droppedRows + droppedRecords == 0 ? "nothing dropped" : "\(droppedRows) rows and \(droppedRecords) records dropped"
        let refused = refusedRows == 0 ? "" : ", \(refusedRows) refused by the server", missing = gaps == 0 ? "" : ", \(gaps) gaps"
        return "\(loggedRows) rows logged, \(storedRows) stored, \(dropped)\(refused)\(missing); log took \(p50_us) µs (p99 \(p99_us) µs)"
    }
}
