import GRDB

/// `-summary.loss.min,name` as SQL: every key is a run's field, a config key or a metric's summary.
struct RunsSort {
    var sql = ""
    var joins = ""
    var arguments: [String: (any DatabaseValueConvertible)?] = [:]

    private static let fields = [
        "name": "run.name COLLATE NOCASE", "createdAt": "run.created_ms", "startedAt": "run.started_ms", "finishedAt": "run.finished_ms",
        "state": "run.state", "group": "run.group_name", "jobType": "run.job_type", "number": "run.number", "lastStep": "run.last_step",
        "rows": "run.row_count", "points": "run.point_count", "heartbeatAt": "run.heartbeat_ms", "id": "run.code",
        "duration": "(COALESCE(run.finished_ms, run.heartbeat_ms) - run.started_ms)",
    ]

    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)`` that names the key.
    init(_ text: String, project: Int64, _ db: Database) throws {
        var terms: [String] = []
        for (number, item) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let item = item.trimmingPrefix(while: \.isWhitespace)
            let descending = item.hasPrefix("-"), key = String(item.drop { $0 == "-" || $0 == "+" })
            let expressions = try expressions(key, number, project, db)
            for expression in expressions {
                terms.append("\(expression) IS NULL")       // what is missing comes last, in both directions
                terms.append(expression + (descending ? " DESC" : ""))
            }
        }
        let newest = text.hasPrefix("-") ? " DESC" : ""
        sql = (terms + ["run.id" + newest]).joined(separator: ", ")
    }

    private mutating func expressions(_ key: String, _ number: Int, _ project: Int64, _ db: Database) throws -> [String] {
        if let field = Self.fields[key] { return [field] }
        if key.hasPrefix("config."), let id = try keyID(String(key.dropFirst(7)), "config", project, db) { return join(id, number) }
        if key.hasPrefix("config.") { return [] }
        guard key.hasPrefix("summary.") else {
            throw StoreError.invalidParameter(name: "sort", value: key, reason: "known are \(Self.fields.keys.sorted().joined(separator: ", ")), config.KEY and summary.METRIC.min")
        }
        let path = String(key.dropFirst(8))
        if let id = try keyID(path, "summary", project, db) { return join(id, number) }
        return try summary(SummaryPath(path), number, project, db)
    }

    private func keyID(_ name: String, _ kind: String, _ project: Int64, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM config_key WHERE project_id = :project AND kind = :kind AND name = :name",
                           arguments: ["project": project, "kind": kind, "name": name])
    }

    private mutating func join(_ key: Int64, _ number: Int) -> [String] {
        joins += " LEFT JOIN config_value AS c\(number) ON c\(number).key_id = :key\(number) AND c\(number).run_id = run.id"
        arguments["key\(number)"] = key
        return ["c\(number).number", "c\(number).text"]
    }

    private mutating func summary(_ path: SummaryPath, _ number: Int, _ project: Int64, _ db: Database) throws -> [String] {
        guard let id = try Int64.fetchOne(db, sql: "SELECT id FROM metric_name WHERE project_id = :project AND name = :name",
                                          arguments: ["project": project, "name": path.metric]) else { return [] }
        joins += " LEFT JOIN metric AS m\(number) ON m\(number).name_id = :metric\(number) AND m\(number).run_id = run.id"
        arguments["metric\(number)"] = id
        return [path.column(of: "m\(number)")]
    }
}

/// `val/acc.max` taken apart: metric and aggregate; the last value where no aggregate is named.
struct SummaryPath {
    var metric: String
    var aggregate = "last"

    static let aggregates = ["last", "min", "max", "mean", "count", "nan", "firstStep", "lastStep"]

    init(_ path: String) {
        let dot = path.lastIndex(of: ".")
        if let dot, Self.aggregates.contains(String(path[path.index(after: dot)...])) {
            (metric, aggregate) = (String(path[..<dot]), String(path[path.index(after: dot)...]))
        } else {
            metric = path
        }
    }

    /// The SQL of the aggregate in table `alias` of metrics; NULL where there is nothing.
    func column(of alias: String) -> String {
        let finite = "(\(alias).count - \(alias).nan - \(alias).positive_infinity - \(alias).negative_infinity)"
        let column = switch aggregate {
        case "mean": "\(alias).sum / NULLIF(\(finite), 0)"
        case "firstStep": "\(alias).first_step"
        case "lastStep": "\(alias).last_step"
        default: "\(alias).\(aggregate)"
        }
        return "(CASE WHEN \(alias).count > 0 THEN \(column) END)"
    }
}
