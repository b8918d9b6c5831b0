import Foundation
import GRDB
public import TrackModel

extension SQLiteStore: HealthStore {
    public func unexamined(limit: Int) throws -> [RunID] {
        try pool.read { db in
            try String.fetchAll(db, sql: """
                SELECT code
                FROM run LEFT JOIN examination ON run_id = run.id
                WHERE deleted_ms IS NULL AND (run_id IS NULL OR batch < summarised_batch OR examination.state <> run.state)
                ORDER BY run.id DESC
                LIMIT :limit
                """, arguments: ["limit": limit]).compactMap(RunID.init)
        }
    }

    public func runsWithChangedSilence(before limit: Int64) throws -> [RunID] {
        try pool.read { db in
            try String.fetchAll(db, sql: Self.silenceSQL, arguments: ["limit": limit]).compactMap(RunID.init)
        }
    }

    static let silenceSQL = """
        SELECT code
        FROM run INDEXED BY run_running
        WHERE state = 'running' AND deleted_ms IS NULL
            AND (heartbeat_ms <= :limit) <> EXISTS (SELECT 1 FROM finding WHERE run_id = run.id AND kind = 'silent' AND metric = '')
        """

    public func readNew(of run: RunID, after mark: ExaminationMark?, into reader: inout some PointReader) throws -> RunReading {
        guard let row = try pool.read({ db in try RunRecords.row(of: run, db) }) else {
            throw StoreError.unknownRun(run.text)
        }
        let tail = tails[row]?.entries ?? []           // before the snapshot, so that no batch is in neither
        return try pool.read { db in
            let history = try RunHistory.read(run, limits: options.limits, db, tailsBefore: [row: tail])
            let facts = try Row.fetchOne(db, sql: "SELECT state, heartbeat_ms, last_step, config, project_id FROM run WHERE id = :run", arguments: ["run": row])!
            var new = NewPoints(history, goals: try MetricList(project: facts[4], runs: nil).definitions(db), metrics: try metrics(of: row, db))
            try new.read(after: mark, into: &reader, db)
            let state = RunState(rawValue: facts[0]) ?? .failed
            let read = ExaminationMark(batch: max(history.tail.last?.id ?? history.foldedBatch, mark?.batch ?? 0), disturbedBatch: history.disturbedBatch, state: state)
            return RunReading(mark: read, state: state, heartbeatAt: facts[1], lastStep: facts[2], config: JSONText.decode(facts[3] ?? "{}"), points: new.points)
        }
    }

    /// Ids and names of a run's metrics, no more than rules look at.
    private func metrics(of run: Int64, _ db: Database) throws -> [(id: Int64, name: String)] {
        try Row.fetchAll(db, sql: """
            SELECT metric.id, metric_name.name
            FROM metric JOIN metric_name ON metric_name.id = name_id
            WHERE run_id = :run
            ORDER BY metric.id
            LIMIT \(NewPoints.mostMetrics)
            """, arguments: ["run": run]).map { ($0[0], $0[1]) }
    }

    @discardableResult
    public func keepExamination(_ mark: ExaminationMark?, findings: [Finding], of run: RunID) throws -> Bool {
        try queue.chore { writer, db in try writer.keepExamination(mark, findings: findings, of: run, db) }
    }

    public func findings(_ run: RunID) async throws -> [FindingRecord] {
        try await read { db in
            guard let row = try Int64.fetchOne(db, sql: "SELECT id FROM run WHERE code = :code AND deleted_ms IS NULL", arguments: ["code": run.text]) else {
                throw StoreError.unknownRun(run.text)
            }
            return try FindingTable.records("finding.run_id = :run", ["run": row], db)
        }
    }

    public func findings(project: String, limit: Int) async throws -> [FindingRecord] {
        try await read { db in
            try FindingTable.records("run.project_id = :project AND \(FindingTable.isHeard) AND \(RunsFilter.shown)", ["project": ProjectRows.id(of: project, db)],
                                     order: "found_ms DESC, finding.kind, finding.metric", limit: limit, db)
        }
    }

    public func mute(_ kind: FindingKind, metric: String, in run: RunID, _ muted: Bool) async throws {
        try await write { writer, db in
            let row = try writer.state(of: run, db).row
            try FindingTable.mute("run_mute", "run_id", row, kind, metric, muted, db)
            try writer.countFindings(of: [row], db)
        }
    }

    public func mute(_ kind: FindingKind, metric: String, project: String, _ muted: Bool) async throws {
        try await write { writer, db in
            let row = try ProjectRows.id(of: project, db)
            try FindingTable.mute("project_mute", "project_id", row, kind, metric, muted, db)
            let runs = try Int64.fetchAll(db, sql: """
                SELECT DISTINCT run.id FROM finding JOIN run ON run.id = run_id WHERE project_id = :project AND kind = :kind
                """, arguments: ["project": row, "kind": kind.rawValue])
            try writer.countFindings(of: runs, db)
        }
    }
}
