import Foundation
import GRDB
public import TrackModel

/// Runs that share the values of some keys, counted and summarised; reads summaries, never history.
public struct RunGroupsQuery: Sendable, Equatable {
    public var project: String
    /// What runs are grouped by, outermost first: `config.optimizer`, `state`, `group`.
    public var by: [String]
    public var filter: String?
    /// Keys whose numbers are summarised for each group: `summary.loss.min`, `config.lr`.
    public var columns: [String]
    /// 1 … 10 000 groups.
    public var limit: Int
    /// Groups that earlier pages held.
    public var offset: Int

    public init(project: String, by: [String], filter: String? = nil, columns: [String] = [], limit: Int = 1_000, offset: Int = 0) {
        (self.project, self.by, self.filter, self.columns, self.limit, self.offset) = (project, by, filter, columns, limit, offset)
    }
}

public struct RunGroups: Sendable, Equatable, Codable {
    public var groups: [RunGroup]
    /// Groups in all.
    public var total: Int
    /// Runs that the filter lets through.
    public var matched: Int

    public init(groups: [RunGroup], total: Int, matched: Int) { (self.groups, self.total, self.matched) = (groups, total, matched) }
}

public struct RunGroup: Sendable, Equatable, Codable {
    /// One value for each key, numbers as numbers; `null` where the runs have none.
    public var values: [JSONValue]
    public var runs: Int
    /// Runs in each state.
    public var states: [String: Int]
    /// The newest run's creation, milliseconds since 1970.
    public var newestAt: Int64
    /// What the members' finite numbers come to, for each column asked for.
    public var columns: [String: NumberSummary]
    /// The filter that lists exactly the members.
    public var filter: String

    public init(values: [JSONValue], runs: Int, states: [String: Int], newestAt: Int64, columns: [String: NumberSummary], filter: String) {
        (self.values, self.runs, self.states, self.newestAt) = (values, runs, states, newestAt)
        (self.columns, self.filter) = (columns, filter)
    }
}

/// Count, mean, spread and range of numbers, one pass (Welford 1962, Technometrics 4: 419).
public struct NumberSummary: Sendable, Equatable, Codable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    /// Sample standard deviation; 0 for fewer than two.
    public private(set) var std = 0.0
    public private(set) var min = 0.0
    public private(set) var max = 0.0
    private var squares = 0.0

    enum CodingKeys: String, CodingKey { case count, mean, std, min, max }

    public init() {}

    /// Adds a number; what is not finite is left out.
    mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        (min, max) = count == 0 ? (value, value) : (Swift.min(min, value), Swift.max(max, value))
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
        std = count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    }
}

extension SQLiteStore {
    public func runGroups(_ query: RunGroupsQuery) async throws -> RunGroups {
        try await settleSummaries()
        return try await read { db in try RunGrouping(query, project: ProjectRows.id(of: query.project, db), db).groups(db) }
    }
}

/// Reads the keys and columns of all matching runs once, and gathers them: O(runs × (keys + columns)).
struct RunGrouping {
    private let query: RunGroupsQuery
    private let sql: String
    private let arguments: StatementArguments

    init(_ query: RunGroupsQuery, project: Int64, _ db: Database) throws {
        self.query = query
        guard !query.by.isEmpty else { throw StoreError.invalidParameter(name: "by", value: "", reason: "name one key at least, such as config.optimizer or state") }
        guard query.by.count <= 8 else { throw StoreError.invalidParameter(name: "by", value: query.by.joined(separator: ","), reason: "8 keys are the most") }
        guard (1...10_000).contains(query.limit) else { throw StoreError.invalidParameter(name: "limit", value: "\(query.limit)", reason: "it is 1 … 10000") }
        var keys = RunKeys(project: project, parameter: "by", db), columns = ["run.state", "run.created_ms"]
        for key in query.by { columns += Self.pair(try keys.expression(key)) }
        for key in query.columns { columns += [try keys.expression(key)?.number ?? "NULL"] }
        let filter = try RunsFilter(query.filter, project: project, db)
        sql = """
            SELECT \(columns.joined(separator: ", "))
            FROM run \(keys.joins)
            WHERE run.project_id = :project AND \(filter.scope) AND \(filter.sql)
            """
        arguments = StatementArguments(["project": project]).appending(keys.arguments).appending(filter.arguments)
    }

    private static func pair(_ expression: RunKeys.Expression?) -> [String] { [expression?.number ?? "NULL", expression?.text ?? "NULL"] }

    func groups(_ db: Database) throws -> RunGroups {
        var groups: [[JSONValue]: RunGroup] = [:], matched = 0
        let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
        while let row = try rows.next() {
            matched += 1
            let values = query.by.indices.map { Self.value(row, 2 + 2 * $0) }
            gather(row, into: &groups[values, default: RunGroup(values: values, runs: 0, states: [:], newestAt: 0, columns: [:], filter: "")])
        }
        let ordered = groups.values.sorted { Self.precedes($0.values, $1.values) }
        let page = ordered.dropFirst(Swift.max(0, query.offset)).prefix(query.limit).map { group in
            var group = group
            group.filter = zip(query.by, group.values).map { Self.filter($0, $1) }.joined(separator: " and ")
            return group
        }
        return RunGroups(groups: page, total: ordered.count, matched: matched)
    }

    private func gather(_ row: Row, into group: inout RunGroup) {
        group.runs += 1
        group.states[row[0], default: 0] += 1
        group.newestAt = Swift.max(group.newestAt, row[1])
        for (number, key) in query.columns.enumerated() {
            if let value: Double = row[2 + 2 * query.by.count + number] { group.columns[key, default: NumberSummary()].add(value) }
        }
    }

    private static func value(_ row: Row, _ column: Int) -> JSONValue {
        let text: String? = row[column + 1]
        guard let number: Double = row[column] else { return text.map { .string($0) } ?? .null }
        if text == "true" || text == "false" { return .bool(number != 0) }         // a text of these letters is no number
        return Int64(exactly: number).map { .integer($0) } ?? .number(number)
    }

    /// Numbers by size, then texts as people count (`layer2` before `layer10`), then what is missing.
    private static func precedes(_ left: [JSONValue], _ right: [JSONValue]) -> Bool {
        for (left, right) in zip(left, right) where left != right {
            switch (left.searchNumber, right.searchNumber, left, right) {
            case (let left?, let right?, _, _): return left < right
            case (_?, nil, _, _): return true
            case (nil, _?, _, _): return false
            case (_, _, .string(let left), .string(let right)): return left.compare(right, options: .numeric) == .orderedAscending
            default: return right == .null
            }
        }
        return false
    }

    /// One condition of the filter language.
    private static func filter(_ key: String, _ value: JSONValue) -> String {
        let parts = key.split(separator: ".", maxSplits: 1)
        let quoted = parts.count == 2 ? "\(parts[0]).`\(parts[1])`" : key
        switch value {
        case .null: return "\(quoted) is missing"
        case .string(let text): return "\(quoted) = \"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case .bool(let flag): return "\(quoted) = \(flag)"
        default: return "\(quoted) = \(value.doubleValue.map { "\($0)" } ?? "0")"
        }
    }
}
