import GRDB

/// What runs are sorted and grouped by, as SQL over `run`: a run's field, a config key, a tag, a metric's summary or an explicit summary key.
struct RunKeys {
    /// One key: the SQL of its value as a number (where it may be one) and as text.
    struct Expression {
        var number: String?
        var text: String?

        /// Both, as far as they exist: numbers before texts.
        var all: [String] { [number, text].compactMap { $0 } }
    }

    let project: Int64
    let db: Database
    /// Which parameter of the caller holds the keys, for refusals.
    let parameter: String
    private(set) var joins = ""
    private(set) var arguments: [String: (any DatabaseValueConvertible)?] = [:]

    private static let texts = [
        "name": "run.name", "state": "run.state", "group": "run.group_name", "jobType": "run.job_type", "id": "run.code", "parent": "run.parent",
    ]
    private static let numbers = [
        "createdAt": "run.created_ms", "startedAt": "run.started_ms", "finishedAt": "run.finished_ms", "number": "run.number",
        "lastStep": "run.last_step", "rows": "run.row_count", "points": "run.point_count", "heartbeatAt": "run.heartbeat_ms",
        "archivedAt": "run.archived_ms", "deletedAt": "run.binned_ms",
        "duration": "(COALESCE(run.finished_ms, run.heartbeat_ms) - run.started_ms)",
    ]

    init(project: Int64, parameter: String, _ db: Database) { (self.project, self.parameter, self.db) = (project, parameter, db) }

    /// - Returns: `nil` for a config or summary key that no run of the project has.
    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)`` that names the key.
    mutating func expression(_ key: String) throws -> Expression? {
        if let field = Self.texts[key] { return Expression(text: field) }
        if let field = Self.numbers[key] { return Expression(number: field) }
        if key.hasPrefix("config.") { return try stored(String(key.dropFirst(7)), .config) }
        guard key.hasPrefix("summary.") else {
            let known = (Array(Self.texts.keys) + Array(Self.numbers.keys)).sorted().joined(separator: ", ")
            throw StoreError.invalidParameter(name: parameter, value: key, reason: "known are \(known), config.KEY and summary.METRIC.min")
        }
        let path = String(key.dropFirst(8))
        return try stored(path, .summary) ?? summary(SummaryPath(path))
    }

    /// A join with the values of one key, under a name of its own.
    private mutating func stored(_ name: String, _ kind: Writer.ConfigKind) throws -> Expression? {
        guard let id = try FilterNames(project: project, db: db).key(kind, name) else { return nil }
        let number = arguments.count
        joins += " LEFT JOIN config_value AS k\(number) ON k\(number).key_id = :key\(number) AND k\(number).run_id = run.id"
        arguments["key\(number)"] = id
        return Expression(number: "k\(number).number", text: "k\(number).text")
    }

    private mutating func summary(_ path: SummaryPath) throws -> Expression? {
        guard let id = try FilterNames(project: project, db: db).metric(path.metric) else { return nil }
        let number = arguments.count
        // The unique index would do as well, but lead to a row on a page of its own for each run.
        joins += " LEFT JOIN metric AS k\(number) INDEXED BY metric_by_name ON k\(number).name_id = :key\(number) AND k\(number).run_id = run.id"
        arguments["key\(number)"] = id
        return Expression(number: path.column(of: "k\(number)"))
    }
}
