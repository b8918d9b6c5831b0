import Foundation
import GRDB
import TrackModel

/// A filter's tree as SQL over `run`: subqueries on indexes, values as arguments.
struct RunsFilter {
    private(set) var sql = "TRUE"
    /// Which runs it is asked of: not those that are put away, unless it speaks of them.
    private(set) var scope = Self.shown
    private(set) var arguments: [String: (any DatabaseValueConvertible)?] = [:]
    private let names: FilterNames

    /// - Throws: ``StoreError/invalidFilter(text:position:reason:)``
    init(_ text: String?, project: Int64, _ db: Database) throws {
        names = FilterNames(project: project, db: db)
        guard let text else { return }
        do {
            let filter = try RunFilter(text, now: milliseconds())
            scope = Self.scope(of: filter)
            sql = try condition(filter)
        } catch let error as RunFilterError {
            throw StoreError.invalidFilter(text: text, position: error.position, reason: error.reason)
        }
    }

    /// Runs that are neither archived, nor in the bin, nor being deleted.
    static let shown = "run.deleted_ms IS NULL AND run.binned_ms IS NULL AND run.archived_ms IS NULL"

    /// The others, in the words of their index.
    static let hidden = "(run.archived_ms IS NOT NULL OR run.binned_ms IS NOT NULL OR run.deleted_ms IS NOT NULL)"

    /// Whoever looks into the bin sees all of it, also what was archived before.
    private static func scope(of filter: RunFilter) -> String {
        switch (filter.mentions(.archived), filter.mentions(.deleted)) {
        case (false, false): shown
        case (true, false): "run.deleted_ms IS NULL AND run.binned_ms IS NULL"
        case (false, true): "run.deleted_ms IS NULL AND (run.binned_ms IS NOT NULL OR run.archived_ms IS NULL)"
        case (true, true): "run.deleted_ms IS NULL"
        }
    }

    private mutating func condition(_ filter: RunFilter) throws -> String {
        switch filter {
        case .all(let parts): return parts.isEmpty ? "TRUE" : "(" + (try parts.map { try condition($0) }).joined(separator: " AND ") + ")"
        case .any(let parts): return "(" + (try parts.map { try condition($0) }).joined(separator: " OR ") + ")"
        case .not(let part): return "NOT COALESCE(\(try condition(part)), FALSE)"
        case .text(let text):
            let pattern = add("%" + text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_") + "%")
            return "(run.name LIKE \(pattern) ESCAPE '\\' OR run.code LIKE \(add(text + "%")))"
        case .compare(let key, let comparison, let value):
            return try test(key) { filter, target in filter.comparison(target, comparison, value) }
        case .oneOf(let key, let values):
            return try test(key) { filter, target in "(" + values.map { filter.comparison(target, .equal, $0) }.joined(separator: " OR ") + ")" }
        case .like(let key, let pattern): return try test(key) { filter, target in "\(target.text) LIKE \(filter.add(pattern))" }
        case .matches(let key, let pattern): return try test(key) { filter, target in "track_matches(\(filter.add(pattern)), \(target.text))" }
        case .missing(let key): return "NOT " + (try test(key) { _, target in "\(target.text) IS NOT NULL" })
        }
    }

    /// What a comparison looks at: one expression for numbers, one for text.
    struct Target {
        var number: String?
        var text: String
    }

    private func symbol(_ comparison: RunFilter.Comparison) -> String { comparison == .unequal ? "<>" : comparison.rawValue }

    private mutating func comparison(_ target: Target, _ comparison: RunFilter.Comparison, _ value: RunFilter.Value) -> String {
        if case .number(let number) = value, let expression = target.number { return "\(expression) \(symbol(comparison)) \(add(number))" }
        return "\(target.text) \(symbol(comparison)) \(add(value.text))"
    }

    /// A condition on the key's value; false for runs without it.
    private mutating func test(_ key: RunFilter.Key, _ condition: (inout RunsFilter, Target) -> String) throws -> String {
        switch key {
        case .field(let field): return "COALESCE(\(condition(&self, Self.target(field))), FALSE)"
        case .tag: return "run.id IN (SELECT run_id FROM run_tag WHERE \(condition(&self, Target(text: "tag"))))"
        case .finding:                      // by kind, and by how bad it is: health:nan, health:error
            return "EXISTS (SELECT 1 FROM (SELECT key AS word FROM json_each(run.findings) UNION ALL SELECT run.health) WHERE \(condition(&self, Target(text: "word"))))"
        case .config(let name): return try stored(.config, name, condition) ?? "FALSE"
        case .summary(let metric, let aggregate):
            if aggregate == .last, let explicit = try stored(.summary, metric, condition) { return explicit }
            return try derived(metric, aggregate, condition) ?? "FALSE"
        case .bare(let name):
            if let config = try stored(.config, name, condition) { return config }
            if let explicit = try stored(.summary, name, condition) { return explicit }
            return try derived(name, .last, condition) ?? "FALSE"
        }
    }

    /// A config or explicit summary key; `nil` if the project has none of that name.
    private mutating func stored(_ kind: Writer.ConfigKind, _ name: String, _ condition: (inout RunsFilter, Target) -> String) throws -> String? {
        guard let id = try names.key(kind, name) else { return nil }
        return "run.id IN (SELECT run_id FROM config_value WHERE key_id = \(add(id)) AND \(condition(&self, Target(number: "number", text: "text"))))"
    }

    private mutating func derived(_ metric: String, _ aggregate: RunFilter.Aggregate, _ condition: (inout RunsFilter, Target) -> String) throws -> String? {
        guard let id = try names.metric(metric) else { return nil }
        var path = SummaryPath(metric)
        path.aggregate = aggregate == .best ? try names.bestAggregate(metric) : aggregate.rawValue
        let column = path.column(of: "metric")
        return "run.id IN (SELECT run_id FROM metric WHERE name_id = \(add(id)) AND \(condition(&self, Target(number: column, text: column))))"
    }

    private mutating func add(_ value: some DatabaseValueConvertible) -> String {
        let name = "f\(arguments.count)"
        arguments[name] = value
        return ":" + name
    }

    private static func target(_ field: RunFilter.Field) -> Target {
        let column = switch field {
        case .name: "run.name"
        case .id: "run.code"
        case .state: "run.state"
        case .group: "run.group_name"
        case .jobType: "run.job_type"
        case .notes: "run.notes"
        case .createdAt: "run.created_ms"
        case .startedAt: "run.started_ms"
        case .finishedAt: "run.finished_ms"
        case .heartbeatAt: "run.heartbeat_ms"
        case .duration: "(COALESCE(run.finished_ms, run.heartbeat_ms) - run.started_ms)"
        case .number: "run.number"
        case .rows: "run.row_count"
        case .points: "run.point_count"
        case .lastStep: "run.last_step"
        case .parent: "run.parent"
        case .archived: "(run.archived_ms IS NOT NULL)"
        case .deleted: "(run.binned_ms IS NOT NULL)"
        }
        return Target(number: field.isText ? nil : column, text: column)
    }
}

/// Names of keys and metrics of a project as the ids that tables use.
struct FilterNames {
    let project: Int64
    let db: Database

    func key(_ kind: Writer.ConfigKind, _ name: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM config_key WHERE project_id = :project AND kind = :kind AND name = :name",
                           arguments: ["project": project, "kind": kind.rawValue, "name": name])
    }

    func metric(_ name: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM metric_name WHERE project_id = :project AND name = :name", arguments: ["project": project, "name": name])
    }

    /// Minimum or maximum, as the metric's goal says; without one, what is called a loss or an error is to be small.
    func bestAggregate(_ name: String) throws -> String {
        let goal = try MetricList(project: project, runs: nil).definitions(db).last { $0.goal != nil && Glob($0.metric).matches(name) }?.goal
        let small = ["loss", "err", "perplexity", "ppl", "mse", "mae", "wer", "nll"].contains { name.lowercased().contains($0) }
        return goal.map { $0 == .minimize ? "min" : "max" } ?? (small ? "min" : "max")
    }
}
