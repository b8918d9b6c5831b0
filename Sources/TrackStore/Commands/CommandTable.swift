import GRDB
import TrackModel

/// Reads what was asked of runs.
enum CommandTable {
    private static let select = "SELECT id, kind, state, asked_ms, asked_by, taken_ms, ended_ms, step, message, name, value, old_value FROM command"
    /// In the words of the index that holds the open ones.
    static let isOpen = "state IN ('waiting', 'taken')"

    /// What is not yet answered, oldest first.
    static func open(of row: Int64, run: RunID, _ db: Database) throws -> [CommandRecord] {
        try Row.fetchAll(db, sql: "\(select) WHERE run_id = :run AND \(isOpen)", arguments: ["run": row])
            .compactMap { record($0, run) }.sorted { $0.id < $1.id }
    }

    /// The newest first.
    static func newest(of row: Int64, run: RunID, limit: Int, _ db: Database) throws -> [CommandRecord] {
        try Row.fetchAll(db, sql: "\(select) WHERE run_id = :run ORDER BY id DESC LIMIT :limit", arguments: ["run": row, "limit": limit]).compactMap { record($0, run) }
    }

    /// - Returns: `nil` if the run has no such command.
    static func one(_ id: Int64, of row: Int64, run: RunID, _ db: Database) throws -> CommandRecord? {
        try Row.fetchOne(db, sql: "\(select) WHERE id = :id AND run_id = :run", arguments: ["id": id, "run": row]).flatMap { record($0, run) }
    }

    private static func record(_ row: Row, _ run: RunID) -> CommandRecord? {
        guard let kind = CommandKind(rawValue: row[1]), let state = CommandState(rawValue: row[2]) else { return nil }
        return CommandRecord(
            id: row[0], run: run, kind: kind, state: state, askedAt: row[3], by: row[4], takenAt: row[5], endedAt: row[6], step: row[7], message: row[8],
            name: row[9], value: (row[10] as String?).map(JSONText.decode), old: (row[11] as String?).map(JSONText.decode))
    }
}
