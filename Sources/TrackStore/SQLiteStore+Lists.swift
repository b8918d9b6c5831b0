import Foundation
import GRDB
public import TrackModel
import TrackSeries

extension SQLiteStore {
    public func runs(_ query: RunsQuery) async throws -> RunsPage {
        try await settleSummaries()
        return try await read { db in try RunsListing(query: query, project: ProjectRows.id(of: query.project, db)).page(db) }
    }

    public func metrics(project: String, runs: [RunID]?, filter: String?) async throws -> [MetricRecord] {
        try await settleSummaries()
        return try await read { db in try MetricList(project: ProjectRows.id(of: project, db), runs: runs, filter: filter).fetch(db) }
    }

    public func logs(_ run: RunID, after: Int, limit: Int) async throws -> LogPage {
        try await read { db in
            let (row, total) = try Self.row(of: run, db)
            let lines = try Row.fetchAll(db, sql: """
                SELECT number, time_us, stream, text
                FROM log_line
                WHERE run_id = :run AND number > :after
                ORDER BY number
                LIMIT :limit
                """, arguments: ["run": row, "after": after, "limit": max(0, min(limit, 10_000))])
            return LogPage(lines: lines.map { .init(number: $0[0], time: $0[1], stream: $0[2], text: $0[3]) }, total: total)
        }
    }

    public func events(_ run: RunID) async throws -> [RunEvent] {
        try await read { db in
            let (row, _) = try Self.row(of: run, db)
            return try Row.fetchAll(db, sql: "SELECT step, time_us, kind, title, text, level FROM event WHERE run_id = :run ORDER BY time_us, id",
                                    arguments: ["run": row])
                .map { RunEvent(step: $0[0], time: $0[1], kind: $0[2], title: $0[3], text: $0[4], level: $0[5]) }
        }
    }

    static func row(of run: RunID, _ db: Database) throws -> (row: Int64, logLines: Int) {
        guard let row = try Row.fetchOne(db, sql: "SELECT id, log_lines FROM run WHERE code = :code", arguments: ["code": run.text]) else {
            throw StoreError.unknownRun(run.text)
        }
        return (row[0], row[1])
    }
}

/// The catalogue of a project's metrics.
struct MetricList {
    let project: Int64
    /// Without them, the runs that lists show.
    let runs: [RunID]?
    var filter: String?

    func fetch(_ db: Database) throws -> [MetricRecord] {
        let (wanted, arguments) = try wanted(db)
        let rows = try Row.fetchAll(db, sql: """
            SELECT metric_name.name, COUNT(*), SUM(count), MAX(last_step)
            FROM metric_name JOIN metric ON metric.name_id = metric_name.id
            WHERE metric_name.project_id = :project AND count > 0 AND \(wanted)
            GROUP BY metric_name.id
            ORDER BY metric_name.name
            """, arguments: StatementArguments(["project": project]).appending(arguments))
        let definitions = try definitions(db)
        return rows.map { row in
            var record = MetricRecord(name: row[0], runs: row[1], points: row[2], lastStep: row[3])
            for definition in definitions where Glob(definition.metric).matches(record.name) {
                record.goal = definition.goal ?? record.goal
                record.summary = definition.summary ?? record.summary
                record.step = definition.step ?? record.step
            }
            return record
        }
    }

    /// Which runs count. Most lists leave few out, so that those few are looked for.
    func wanted(_ db: Database) throws -> (sql: String, arguments: [String: (any DatabaseValueConvertible)?]) {
        let some = runs.map { "run_id IN (SELECT id FROM run WHERE code IN (\($0.map { "'\($0.text)'" }.joined(separator: ","))))" }
        if filter == nil { return (some ?? "run_id NOT IN (SELECT id FROM run WHERE project_id = :project AND \(RunsFilter.hidden))", [:]) }
        let filter = try RunsFilter(filter, project: project, db)
        let matching = "run_id IN (SELECT run.id FROM run WHERE run.project_id = :project AND \(filter.scope) AND \(filter.sql))"
        return ([some, matching].compactMap(\.self).joined(separator: " AND "), filter.arguments)
    }

    /// From the most general to the most particular, so that the last that says something wins.
    func definitions(_ db: Database) throws -> [MetricDefinition] {
        try Row.fetchAll(db, sql: """
            SELECT metric, goal, summary, step_metric
            FROM metric_definition
            WHERE project_id = :project
            ORDER BY metric NOT LIKE '%*%', LENGTH(metric), run_id
            """, arguments: ["project": project])
            .map { row in
                MetricDefinition(metric: row[0], goal: (row[1] as String?).flatMap(MetricDefinition.Goal.init),
                                 summary: (row[2] as String?).flatMap(MetricDefinition.Summary.init), step: row[3])
            }
    }
}

/// `val/*`: a star stands for any characters, also none.
struct Glob {
    private let parts: [Substring]
    init(_ pattern: String) { parts = pattern.split(separator: "*", omittingEmptySubsequences: false) }

    func matches(_ text: String) -> Bool {
        guard parts.count > 1 else { return parts[0] == text }
        guard text.hasPrefix(parts[0]), text.hasSuffix(parts.last!), text.count >= parts[0].count + parts.last!.count else { return false }
        var rest = text.dropFirst(parts[0].count).dropLast(parts.last!.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
