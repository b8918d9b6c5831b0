import Foundation
import GRDB
import TrackModel

/// Builds run records from their rows.
struct RunRecords {
    /// Which keys of config and summary are wanted; `nil` means all.
    var columns: [String]?
    var withAttempts = false
    /// Live updates carry neither config nor summary.
    var isBrief = false

    static let select = """
        SELECT run.id, code, project.name AS project_name, run.name, state, group_name, job_type, notes, color, number, parent, run.created_ms,
            started_ms, finished_ms, heartbeat_ms, last_step, row_count, point_count, config, summary_values, tags, findings, health, report, archived_ms, binned_ms,
            listens, declared
        FROM run JOIN project ON project.id = project_id
        """

    func fetch(_ id: RunID, _ db: Database) throws -> RunRecord {
        guard let row = try Row.fetchOne(db, sql: Self.select + " WHERE code = :code", arguments: ["code": id.text]) else {
            throw StoreError.unknownRun(id.text)
        }
        return try record(row, db)
    }

    /// A run's row; `nil` if there is none.
    static func row(of id: RunID, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM run WHERE code = :code", arguments: ["code": id.text])
    }

    /// The records of these rows, in their order.
    func fetch(_ ids: [Int64], _ db: Database) throws -> [RunRecord] {
        try ids.compactMap { id in
            let statement = try db.cachedStatement(sql: Self.select + " WHERE run.id = :id")
            return try Row.fetchOne(statement, arguments: ["id": id]).map { try record($0, db) }
        }
    }

    private func record(_ row: Row, _ db: Database) throws -> RunRecord {
        let state = RunState(rawValue: row["state"]) ?? .failed, now = milliseconds()
        let heartbeat: Int64 = row["heartbeat_ms"], started: Int64 = row["started_ms"], finished: Int64? = row["finished_ms"]
        let live = state == .running && now - heartbeat < RunState.silence
        var record = RunRecord(
            id: RunID(row["code"] as String)!, project: row["project_name"], name: row["name"], state: state, live: live,
            group: row["group_name"], jobType: row["job_type"], tags: JSONText.decode([String].self, row["tags"]) ?? [], notes: row["notes"],
            color: row["color"], number: row["number"], parent: (row["parent"] as String?).flatMap { RunID($0) },
            createdAt: row["created_ms"], startedAt: started, finishedAt: finished, heartbeatAt: heartbeat,
            duration: Swift.max(0, (finished ?? (live ? now : heartbeat)) - started), lastStep: row["last_step"],
            rows: row["row_count"], points: row["point_count"])
        (record.archivedAt, record.deletedAt) = (row["archived_ms"], row["binned_ms"])
        record.findings = (row["findings"] as String?).flatMap { JSONText.decode([String: Int].self, $0) }
        record.health = (row["health"] as String?).flatMap(FindingSeverity.init)
        record.listens = (row["listens"] as String?).flatMap { JSONText.decode([CommandKind].self, $0) }
        record.declared = (row["declared"] as String?).flatMap { JSONText.decode([DeclaredValue].self, $0) }
        if isBrief { return record }
        record.report = (row["report"] as String?).map(JSONText.decode)
        record.config = keep(JSONText.decode(row["config"] ?? "{}"), "config.")
        record.summaryValues = (row["summary_values"] as String?).map { keep(JSONText.decode($0), "summary.") }
        record.summary = try summary(row["id"], db)
        if columns == nil { record.repeated = try repeated(record, row["id"], db) }
        if withAttempts {
            record.attempts = try attempts(row["id"], db)
            record.environment = try environment(row["id"], db)
        }
        return record
    }

    /// Only the wanted keys; nested objects keep their shape.
    private func keep(_ value: JSONValue, _ prefix: String) -> JSONValue {
        guard let columns else { return value }
        let wanted = columns.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        var kept: JSONValue = [:]
        for (key, member) in value.flattened() where wanted.contains(where: { key == $0 || key.hasPrefix($0 + ".") }) {
            kept = kept.merging(key.split(separator: ".").reversed().reduce(member) { .object([String($1): $0]) })
        }
        return kept
    }

    private func summary(_ run: Int64, _ db: Database) throws -> [String: MetricSummary] {
        if let wantedMetrics, wantedMetrics.isEmpty { return [:] }
        let metrics = try MetricState.fetch(db, run: run, only: wantedMetrics)
        return Dictionary(metrics.lazy.filter { $0.count > 0 }.map { ($0.name, $0.summary) }) { _, last in last }     // equal to Swift, perhaps not to SQLite
    }

    /// Points that came and are not to be seen, of a run that was never resumed.
    private func repeated(_ record: RunRecord, _ run: Int64, _ db: Database) throws -> Int? {
        let missing = record.points - (record.summary ?? [:]).values.reduce(0) { $0 + $1.count }
        guard missing > 0, try attempts(run, db).count == 1 else { return nil }
        return missing
    }

    /// The metrics that the columns name, `summary.loss` or `summary.loss.min`: a metric's name may itself hold dots. `nil` means all.
    private var wantedMetrics: Set<String>? {
        guard let columns else { return nil }
        var names: Set<String> = []
        for column in columns where column.hasPrefix("summary.") {
            let name = column.dropFirst(8)
            names.insert(String(name))
            for place in name.indices where name[place] == "." { names.insert(String(name[..<place])) }
        }
        return names
    }

    private func environment(_ run: Int64, _ db: Database) throws -> JSONValue? {
        try String.fetchOne(db, sql: """
            SELECT environment
            FROM attempt
            WHERE run_id = :run AND environment IS NOT NULL
            ORDER BY number DESC
            LIMIT 1
            """, arguments: ["run": run]).map(JSONText.decode)
    }

    private func attempts(_ run: Int64, _ db: Database) throws -> [AttemptRecord] {
        try Row.fetchAll(db, sql: "SELECT number, started_ms, resume_step, host FROM attempt WHERE run_id = :run ORDER BY number", arguments: ["run": run])
            .map { AttemptRecord(number: $0[0], startedAt: $0[1], resumeStep: $0[2], host: $0[3]) }
    }
}
