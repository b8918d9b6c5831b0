import GRDB

/// A config or explicit summary key, and how the project's runs use it: what filters, columns and autocompletion offer.
public struct RunKeyRecord: Sendable, Equatable, Codable {
    /// As filters name it: `config.optimizer`.
    public var key: String
    /// Whether its values are numbers, texts or both: `number`, `text`, `mixed`.
    public var type: String
    /// Runs that have it.
    public var runs: Int
    /// The smallest and largest number.
    public var min: Double?
    public var max: Double?
    /// When the newest run that has it was made, milliseconds since 1970.
    public var lastSeenAt: Int64

    public init(key: String, type: String, runs: Int, min: Double? = nil, max: Double? = nil, lastSeenAt: Int64) {
        (self.key, self.type, self.runs, self.min, self.max, self.lastSeenAt) = (key, type, runs, min, max, lastSeenAt)
    }
}

/// A value of a key, with how many runs have it.
public struct RunKeyValue: Sendable, Equatable, Codable {
    public var value: String
    public var runs: Int

    public init(value: String, runs: Int) { (self.value, self.runs) = (value, runs) }
}

extension SQLiteStore {
    public func runKeys(project: String) async throws -> [RunKeyRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: """
                SELECT config_key.kind || '.' || config_key.name, COUNT(*), COUNT(config_value.number),
                    MIN(config_value.number), MAX(config_value.number), MAX(run.created_ms)
                FROM config_key JOIN config_value ON key_id = config_key.id JOIN run ON run.id = run_id
                WHERE config_key.project_id = :project AND \(RunsFilter.shown)
                GROUP BY config_key.id
                ORDER BY 1
                """, arguments: ["project": try ProjectRows.id(of: project, db)])
                .map { row in
                    let runs: Int = row[1], numbers: Int = row[2]
                    return RunKeyRecord(key: row[0], type: numbers == runs ? "number" : numbers == 0 ? "text" : "mixed", runs: runs,
                                        min: row[3], max: row[4], lastSeenAt: row[5])
                }
        }
    }

    public func runKeyValues(project: String, key: String, limit: Int) async throws -> [RunKeyValue] {
        try await read { db in
            var keys = RunKeys(project: try ProjectRows.id(of: project, db), parameter: "key", db)
            guard let expression = try keys.expression(key), let value = expression.text ?? expression.number else { return [] }
            return try Row.fetchAll(db, sql: """
                SELECT CAST(\(value) AS TEXT), COUNT(*)
                FROM run \(keys.joins)
                WHERE run.project_id = :project AND \(RunsFilter.shown) AND \(value) IS NOT NULL
                GROUP BY 1
                ORDER BY 2 DESC, 1
                LIMIT :limit
                """, arguments: StatementArguments(["project": keys.project, "limit": max(1, min(limit, 1_000))]).appending(keys.arguments))
                .map { RunKeyValue(value: $0[0], runs: $0[1]) }
        }
    }
}
