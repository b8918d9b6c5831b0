import Foundation
import GRDB
import TrackModel

/// Reads findings and what is muted of them.
enum FindingTable {
    /// The conditions under which a finding is muted: by its kind, in its metric or in all.
    private static let isMutedInRun = """
        EXISTS (SELECT 1 FROM run_mute AS mute WHERE mute.run_id = finding.run_id AND mute.kind = finding.kind AND mute.metric IN ('', finding.metric))
        """
    private static let isMutedInProject = """
        EXISTS (SELECT 1 FROM project_mute AS mute WHERE mute.project_id = run.project_id AND mute.kind = finding.kind AND mute.metric IN ('', finding.metric))
        """
    static let isHeard = "NOT \(isMutedInRun) AND NOT \(isMutedInProject)"

    static func records(
        _ condition: String, _ arguments: StatementArguments, order: String = "COALESCE(finding.last_step, 9223372036854775807) DESC, found_ms DESC, finding.kind, finding.metric",
        limit: Int = 10_000, _ db: Database
    ) throws -> [FindingRecord] {
        try Row.fetchAll(db, sql: """
            SELECT code, finding.kind, severity, finding.metric, first_step, finding.last_step, numbers, found_ms, \(isMutedInRun), \(isMutedInProject)
            FROM finding JOIN run ON run.id = finding.run_id
            WHERE \(condition)
            ORDER BY \(order)
            LIMIT \(limit)
            """, arguments: arguments).compactMap(record)
    }

    /// - Returns: `nil` for a kind that this version does not know.
    private static func record(_ row: Row) -> FindingRecord? {
        guard let kind = FindingKind(rawValue: row[1]), let severity = FindingSeverity(rawValue: row[2]), let run = RunID(row[0] as String) else { return nil }
        var finding = Finding(kind, severity, metric: row[3])
        (finding.firstStep, finding.lastStep, finding.numbers) = (row[4], row[5], decode(row[6]))
        return FindingRecord(run: run, finding: finding, foundAt: row[7], muted: row[8] as Bool ? .run : row[9] as Bool ? .project : nil)
    }

    static func encode(_ numbers: [FindingNumber]) -> String {
        JSONText.encode(JSONValue.array(numbers.map { .array([.string($0.name), .number($0.value)]) }))
    }

    static func decode(_ text: String) -> [FindingNumber] {
        guard case .array(let numbers) = JSONText.decode(text) else { return [] }
        return numbers.compactMap {
            guard case .array(let pair) = $0, pair.count == 2, case .string(let name) = pair[0], let value = pair[1].doubleValue else { return nil }
            return FindingNumber(name, value)
        }
    }

    static func mute(_ table: String, _ owner: String, _ id: Int64, _ kind: FindingKind, _ metric: String, _ muted: Bool, _ db: Database) throws {
        let arguments: StatementArguments = ["owner": id, "kind": kind.rawValue, "metric": metric]
        try db.execute(sql: muted ? "INSERT INTO \(table) (\(owner), kind, metric) VALUES (:owner, :kind, :metric) ON CONFLICT DO NOTHING"
            : "DELETE FROM \(table) WHERE \(owner) = :owner AND kind = :kind AND metric = :metric", arguments: arguments)
    }
}

extension Writer {
    /// - Returns: Whether the findings differ from those that were there.
    func keepExamination(_ mark: ExaminationMark?, findings: [Finding], of id: RunID, _ db: Database) throws -> Bool {
        guard let run = try RunRecords.row(of: id, db) else { return false }
        if let mark {
            try db.execute(sql: """
                INSERT INTO examination (run_id, batch, state)
                VALUES (:run, :batch, :state)
                ON CONFLICT DO UPDATE SET batch = excluded.batch, state = excluded.state
                """, arguments: ["run": run, "batch": mark.batch, "state": mark.state.rawValue])
        }
        let differ = try replaceFindings(of: run, by: findings, db)
        if differ { try countFindings(of: [run], db) }
        return differ
    }

    private func replaceFindings(of run: Int64, by findings: [Finding], _ db: Database) throws -> Bool {
        var changes = 0
        for finding in findings {
            try db.execute(sql: """
                INSERT INTO finding (run_id, kind, metric, severity, first_step, last_step, numbers, found_ms)
                VALUES (:run, :kind, :metric, :severity, :first, :last, :numbers, :now)
                ON CONFLICT DO UPDATE SET severity = excluded.severity, first_step = excluded.first_step, last_step = excluded.last_step, numbers = excluded.numbers
                WHERE severity <> excluded.severity OR numbers <> excluded.numbers OR first_step IS NOT excluded.first_step OR last_step IS NOT excluded.last_step
                """, arguments: ["run": run, "kind": finding.kind.rawValue, "metric": finding.metric, "severity": finding.severity.rawValue, "first": finding.firstStep,
                                 "last": finding.lastStep, "numbers": FindingTable.encode(finding.numbers), "now": milliseconds()])
            changes += db.changesCount
        }
        let kept = JSONText.encode(findings.map { $0.kind.rawValue + " " + $0.metric })
        try db.execute(sql: "DELETE FROM finding WHERE run_id = :run AND kind || ' ' || metric NOT IN (SELECT value FROM json_each(:kept))", arguments: ["run": run, "kept": kept])
        return changes + db.changesCount > 0
    }

    /// Writes what lists show of these runs' findings, and tells listeners.
    func countFindings(of runs: [Int64], _ db: Database) throws {
        for run in runs {
            try db.execute(sql: """
                UPDATE run
                SET (findings, health) = (
                    SELECT json_group_object(kind, number), CASE MAX(rank) WHEN 3 THEN 'error' WHEN 2 THEN 'warning' WHEN 1 THEN 'info' END
                    FROM (
                        SELECT kind, COUNT(*) AS number, MAX(CASE severity WHEN 'error' THEN 3 WHEN 'warning' THEN 2 ELSE 1 END) AS rank
                        FROM finding
                        WHERE run_id = run.id AND \(FindingTable.isHeard)
                        GROUP BY kind
                        ORDER BY kind
                    )
                ), version = version + 1
                WHERE id = :run
                """, arguments: ["run": run])
            guard let code = try String.fetchOne(db, sql: "SELECT code FROM run WHERE id = :run", arguments: ["run": run]), let id = RunID(code) else { continue }
            let record = try tellOf(id, db)
            group.changes.append(.findings(project: record.project, run: id, counts: record.findings ?? [:], health: record.health))
        }
    }
}
