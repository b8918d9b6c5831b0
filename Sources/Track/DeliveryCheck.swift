import Foundation
public import TrackModel

/// What became of a run's rows, compared in three places: what each writer said (its receipt), what the server stored, and what still waits in
/// this machine's spool.
public struct DeliveryCheck: Sendable, Equatable {
    /// One process that wrote the run.
    public struct Writer: Sendable, Equatable {
        public var name: String
        /// What the server stored of it; `nil` if it does not know.
        public var storedRows: Int?
        /// The receipt's counts; `nil` without a receipt.
        public var report: JSONValue?
        /// Rows in this machine's spool that the server has not acknowledged; `nil` if the spool is not here.
        public var waitingRows: Int?
        /// What the spool says was acknowledged.
        public var acknowledgedRows: Int?
        /// Whether its process still writes, as far as it is known here.
        public var isAlive = false
    }

    public var run: RunID
    public var writers: [Writer]
    public var isRunning: Bool

    /// What does not agree, or is missing, in sentences; empty if every row that was logged is stored once.
    public var problems: [String] { writers.flatMap(problems) }

    private func problems(_ writer: Writer) -> [String] {
        var problems: [String] = []
        func say(_ text: String) { problems.append("writer \(writer.name): \(text)") }
        if let waiting = writer.waitingRows, waiting > 0, !writer.isAlive { say("\(waiting) rows wait on this machine; `track sync` delivers them.") }
        if let acknowledged = writer.acknowledgedRows, let stored = writer.storedRows, stored < acknowledged {
            say("the server acknowledged \(acknowledged) rows and has \(stored): it has lost some.")
        }
        guard let report = writer.report else {
            if !isRunning && writer.waitingRows == nil { say("it gave no receipt; `track sync` on its machine makes one.") }
            return problems
        }
        func count(_ name: String) -> Int { report[name]?.doubleValue.map { Int($0) } ?? 0 }
        if let stored = writer.storedRows, stored != count("storedRows") { say("its receipt says \(count("storedRows")) rows are stored; the server has \(stored).") }
        let missing = count("loggedRows") - count("storedRows") - count("refusedRows")
        if missing != 0, writer.waitingRows == nil { say("\(missing) of \(count("loggedRows")) logged rows are not stored.") }
        for (name, words) in [("droppedRows", "rows could not be kept"), ("droppedRecords", "records could not be kept"), ("refusedRows", "rows were refused by the server"),
                              ("gaps", "places are missing in the delivery")] where count(name) > 0 { say("\(count(name)) \(words).") }
        return problems
    }
}

extension TrackService {
    /// Compares receipts, server and this machine's spool for one run. O(rows that wait here).
    public func verify(_ run: RunID) async throws -> DeliveryCheck {
        let record = try await self.run(run)
        let stored = try await writers(run)
        var writers: [String: DeliveryCheck.Writer] = [:]
        for writer in stored {
            let name = String(writer.name.prefix { $0 != "." })        // what follows a dot counts the names of one writer
            var known = writers[name] ?? DeliveryCheck.Writer(name: name, storedRows: 0)
            known.storedRows = known.storedRows.flatMap { sum in writer.rows.map { sum + $0 } }
            known.report = writer.report ?? known.report
            writers[name] = known
        }
        for spool in SpoolFolder(path: settings.spoolFolder).manifests() where spool.manifest.request.id == run {
            let files = SpoolFiles(folder: spool.folder, writer: spool.manifest.writer), state = StateFile.peek(files.path(of: ".state"))
            var known = writers[files.writer] ?? DeliveryCheck.Writer(name: files.writer, storedRows: 0)
            var reader = SpoolReader(files, from: state)
            while !reader.gather(BatchBuilder.Limit()).isEmpty {}
            (known.waitingRows, known.acknowledgedRows) = (Int(reader.rowsSoFar - reader.lostRows) - Int(state.rows + state.refusedRows), Int(state.rows))
            known.isAlive = files.isGrowing
            writers[files.writer] = known
        }
        return DeliveryCheck(run: run, writers: writers.values.sorted { $0.name < $1.name }, isRunning: record.state == .running)
    }
}
