import GRDB
public import TrackModel
import TrackSeries

/// What `verify` found.
public struct VerifyReport: Sendable, Equatable {
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// `nil` for what belongs to no run.
        public var run: RunID?
        public var metric: String?
        public var what: String
        public var description: String { [run.map { "run \($0)" }, metric.map { "metric \"\($0)\"" }, what].compactMap(\.self).joined(separator: ": ") }
    }
    public var runs = 0
    public var batches = 0
    public var groups = 0
    public var chunks = 0
    public var points = 0
    /// Stored files, those that no run refers to, and references whose file has not come.
    public var blobs = 0
    public var unusedBlobs = 0
    public var pendingMedia = 0
    public var problems: [Problem] = []
}

extension SQLiteStore {
    /// Reads everything and compares: checksums, sequences, groups, chunks, pyramid against points, rows that belong to nobody.
    /// Memory stays bounded by one row group. O(everything stored).
    public func verify() async throws -> VerifyReport {
        try await withRowsOnly {
            try await blocking { [pool, options, blobs] in
                try pool.read { db in
                    var verification = Verification(limits: options.limits)
                    try verification.run(db)
                    try verification.verifyBlobs(blobs, db)
                    return verification.report
                }
            }
        }
    }
}

struct Verification {
    let limits: BatchLimits
    var report = VerifyReport()

    init(limits: BatchLimits) { self.limits = limits }

    mutating func run(_ db: Database) throws {
        for row in try String.fetchAll(db, sql: "PRAGMA quick_check") where row != "ok" { note("database file: \(row)") }
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") { note("a row of \(row[0] as String) belongs to nothing in \(row[2] as String)") }
        let orphans = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM batch WHERE run_id NOT IN (SELECT id FROM run)")!
        if orphans > 0 { note("\(orphans) batches belong to no run") }
        for row in try Row.fetchAll(db, sql: "SELECT id, code, folded_batch FROM run WHERE deleted_ms IS NULL ORDER BY id") {
            guard let id = RunID(row[1] as String) else { note("run \(row[0] as Int64) has no id"); continue }
            report.runs += 1
            try verifyBatches(id, row[0], folded: row[2], db)
            try verifyChunks(id, row[0], db)
            try verifyHistograms(id, row[0], db)
        }
    }

    mutating func note(_ what: String, _ run: RunID? = nil, _ metric: String? = nil) {
        if report.problems.count < 10_000 { report.problems.append(.init(run: run, metric: metric, what: what)) }
    }

    /// Each batch reads back, and the sequences of each writer follow each other up to the highest known.
    private mutating func verifyBatches(_ id: RunID, _ run: Int64, folded: Int64, _ db: Database) throws {
        var last: [String: Int64] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT id, writer, sequence FROM batch WHERE run_id = :run AND id > :folded ORDER BY id",
                                       arguments: ["run": run, "folded": folded])
        while let row = try rows.next() {
            report.batches += 1
            let writer: String = row[1], sequence: Int64 = row[2]
            if let before = last[writer], sequence != before + 1 { note("writer \(writer): batch \(sequence) follows \(before)", id) }
            last[writer] = sequence
            do { _ = try BatchTable.read(row[0], db, limits: limits) } catch StoreError.damaged(let what) { note(what, id) }
        }
        for row in try Row.fetchAll(db, sql: "SELECT name, sequence FROM writer WHERE run_id = :run", arguments: ["run": run]) {
            if let end = last[row[0]], end != (row[1] as Int64) { note("writer \(row[0] as String) stands at \(row[1] as Int64), its last batch is \(end)", id) }
        }
    }

    private mutating func verifyChunks(_ id: RunID, _ run: Int64, _ db: Database) throws {
        let names = Dictionary(uniqueKeysWithValues: try Row.fetchAll(db, sql: """
            SELECT metric.id, metric_name.name FROM metric JOIN metric_name ON metric_name.id = name_id WHERE run_id = :run
            """, arguments: ["run": run]).map { ($0[0] as Int64, $0[1] as String) })
        for attempt in try RunHistory.readAttempts(run, db) {
            var pages = try readPages(names, id, attempt.number, db), last: Int64?
            for group in try ChunkTable.groups(run: run, attempt: attempt.number, db) {
                report.groups += 1
                if let last, group.firstStep <= last { note("row group \(group.id) begins before the one before it ends", id) }
                last = group.lastStep
                try verify(group, id, names, &pages, db)
            }
            for (metric, entries) in pages { for group in entries.keys { note("the pyramid names row group \(group), which has no such chunk", id, names[metric]) } }
        }
    }

    /// What each metric's pages say of each group.
    private mutating func readPages(_ names: [Int64: String], _ id: RunID, _ attempt: Int, _ db: Database) throws -> [Int64: [Int64: ChunkEntry]] {
        var pages: [Int64: [Int64: ChunkEntry]] = [:]
        for (metric, name) in names {
            let table = PyramidTable(metric: metric, attempt: attempt)
            var last: Int64?
            for key in try table.keys(db) {
                do {
                    for entry in try table.entries(key, db) {
                        if let last, entry.firstStep <= last { note("the pyramid is out of order at step \(entry.firstStep)", id, name) }
                        last = entry.lastStep
                        pages[metric, default: [:]][entry.group] = entry
                    }
                } catch StoreError.damaged(let what) { note(what, id, name) }
            }
        }
        return pages
    }

    /// A group reads back as its row says, and its chunks as their pyramid says.
    private mutating func verify(_ group: ChunkTable.Group, _ id: RunID, _ names: [Int64: String], _ pages: inout [Int64: [Int64: ChunkEntry]], _ db: Database) throws {
        do {
            guard let axes = try ChunkTable.readAxes(group.id, db) else { return }
            if axes.count != group.rows || axes.steps.first != group.firstStep || axes.steps.last != group.lastStep { note("row group \(group.id) differs from its row", id) }
            if !zip(axes.steps, axes.steps.dropFirst()).allSatisfy(<) { note("row group \(group.id) has steps out of order", id) }
        } catch StoreError.damaged(let what) { return note(what, id) }
        for row in try Row.fetchAll(db, sql: "SELECT metric_id, points FROM chunk WHERE group_id = :group", arguments: ["group": group.id]) {
            let metric: Int64 = row[0]
            report.chunks += 1
            report.points += row[1]
            let entry = pages[metric]?.removeValue(forKey: group.id)
            do { try verify(metric, group.id, points: row[1], entry, id, names[metric], db) } catch StoreError.damaged(let what) { note(what, id, names[metric]) }
        }
    }

    private mutating func verify(_ metric: Int64, _ group: Int64, points: Int, _ entry: ChunkEntry?, _ id: RunID, _ name: String?, _ db: Database) throws {
        let read = try ChunkTable.readPoints(metric: metric, group: group, .times, db)
        if read.count != points { note("chunk in row group \(group) holds \(read.count) points, its row says \(points)", id, name) }
        let expected = ChunkCodec.encode(.init(values: read.values), of: RowGroup(steps: read.steps, times: read.times))
        guard let entry else { return note("chunk in row group \(group) is not in the pyramid", id, name) }
        if entry.records != expected.upper { note("the pyramid differs from the points of row group \(group)", id, name) }
        let lowest = try ChunkTable.readRecords(metric: metric, group: group, .times, db)
        let made = expected.records.isEmpty ? nil : try expected.records.withUnsafeBytes { try ChunkCodec.decodeRecords($0, steps: SparseSteps(read.steps), times: read.times) }
        if lowest != made { note("the lowest records differ from the points of row group \(group)", id, name) }
    }
}
