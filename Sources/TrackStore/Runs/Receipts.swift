import GRDB
public import TrackModel

/// What writers say of their delivery, beside what was stored of them.
enum Receipts {
    /// Keeps a writer's receipt, and makes the run's report anew from all of them.
    static func keep(_ receipt: JSONValue, of writer: String, run: Int64, _ db: Database) throws {
        try db.execute(sql: """
            INSERT INTO receipt (run_id, writer, report, updated_ms)
            VALUES (:run, :writer, :report, :now)
            ON CONFLICT DO UPDATE SET report = excluded.report, updated_ms = excluded.updated_ms
            """, arguments: ["run": run, "writer": writer, "report": JSONText.encode(receipt), "now": milliseconds()])
        let all = try String.fetchAll(db, sql: "SELECT report FROM receipt WHERE run_id = :run ORDER BY writer", arguments: ["run": run])
        try db.execute(sql: "UPDATE run SET report = :report, version = version + 1 WHERE id = :run",
                       arguments: ["run": run, "report": JSONText.encode(sum(all.map(JSONText.decode)))])
    }

    /// One report of several: counts and bytes are added, latencies and lags are the worst, and it is complete if each is.
    static func sum(_ receipts: [JSONValue]) -> JSONValue {
        if receipts.count == 1 { return receipts[0] }
        var sum: [String: JSONValue] = ["writers": .integer(Int64(receipts.count))]
        for case .object(let receipt) in receipts {
            for (name, value) in receipt { sum[name] = joined(name, sum[name], value) }
        }
        return .object(sum)
    }

    private static func joined(_ name: String, _ before: JSONValue?, _ value: JSONValue) -> JSONValue {
        guard let before else { return value }
        if name.hasSuffix("_us") || name.hasSuffix("_s") { return .number(max(before.doubleValue ?? 0, value.doubleValue ?? 0)) }
        return switch (before, value) {
        case (.bool(let one), .bool(let other)): .bool(one && other)
        case (.integer(let one), .integer(let other)): .integer(one.addingReportingOverflow(other).partialValue)
        default: value
        }
    }

    static func writers(of run: Int64, _ db: Database) throws -> [WriterRecord] {
        try Row.fetchAll(db, sql: """
            SELECT name, sequence, row_count, point_count, report
            FROM (SELECT name, sequence, row_count, point_count FROM writer WHERE run_id = :run
                  UNION ALL
                  SELECT writer, 0, 0, 0 FROM receipt
                  WHERE run_id = :run AND NOT EXISTS (SELECT 1 FROM writer WHERE run_id = :run AND name = receipt.writer))
            LEFT JOIN receipt ON receipt.run_id = :run AND receipt.writer = name
            ORDER BY name
            """, arguments: ["run": run]).map { row in
            WriterRecord(name: row[0], sequence: UInt64(row[1] as Int64), rows: row[2], points: row[3], report: (row[4] as String?).map(JSONText.decode))
        }
    }
}

extension SQLiteStore {
    public func writers(_ run: RunID) async throws -> [WriterRecord] {
        try await settleSummaries()
        return try await read { db in
            guard let row = try RunRecords.row(of: run, db) else { throw StoreError.unknownRun(run.text) }
            return try Receipts.writers(of: row, db)
        }
    }

    public func keepReceipt(_ receipt: JSONValue, of writer: String, run: RunID) async throws -> RunRecord {
        try NameRules.check(writer, kind: "Writer", bytes: 64)
        guard case .object = receipt, receipt.depth <= options.limits.nesting else {
            throw StoreError.invalidParameter(name: "receipt", value: receipt.searchText, reason: "it is an object of names and numbers")
        }
        return try await write { owner, db in
            let state = try owner.state(of: run, db)
            try Receipts.keep(receipt, of: writer, run: state.row, db)
            return try RunRecords(isBrief: true).fetch(run, db)
        }
    }
}
