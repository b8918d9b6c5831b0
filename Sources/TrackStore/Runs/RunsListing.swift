import GRDB
import TrackModel

/// Which runs of a project, in which order: everything but the records themselves. Reads summaries, never history.
struct RunsListing {
    let query: RunsQuery
    let project: Int64

    func filter(_ db: Database) throws -> RunsFilter { try RunsFilter(query.filter, project: project, db) }

    /// What finds the rows of all matching runs, in order.
    func statement(_ filter: RunsFilter, _ db: Database) throws -> (sql: String, arguments: StatementArguments) {
        let order = try RunsSort(query.sort ?? "-createdAt", project: project, db)
        let sql = """
            SELECT run.id
            FROM run \(order.joins)
            WHERE run.project_id = :project AND \(filter.scope) AND \(filter.sql)
            ORDER BY \(order.sql)
            """
        return (sql, StatementArguments(["project": project]).appending(order.arguments).appending(filter.arguments))
    }

    /// The page after the query's cursor.
    func page(_ db: Database) throws -> RunsPage {
        guard (1...10_000).contains(query.limit) else {
            throw StoreError.invalidParameter(name: "limit", value: "\(query.limit)", reason: "it is 1 … 10000")
        }
        let filter = try filter(db)
        let total = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM run WHERE project_id = :project AND \(filter.scope)", arguments: ["project": project])!
        let (sql, arguments) = try statement(filter, db)
        let ids = try Int64.fetchAll(db, sql: sql, arguments: arguments)
        let start = try query.cursor.map { try position(after: $0, in: ids) } ?? 0
        let end = min(start + query.limit, ids.count)
        let runs = try RunRecords(columns: query.columns).fetch(Array(ids[start..<end]), db)
        return RunsPage(runs: runs, total: total, matched: ids.count, nextCursor: end < ids.count ? "\(end).\(ids[end - 1])" : nil)
    }

    /// After the run that ended the last page; where that one is gone, after as many as were read.
    private func position(after cursor: String, in ids: [Int64]) throws -> Int {
        let parts = cursor.split(separator: ".").compactMap { Int64($0) }
        guard parts.count == 2, parts[0] >= 0 else { throw StoreError.invalidParameter(name: "cursor", value: cursor, reason: "it was not made by this server") }
        let expected = Int(clamping: parts[0])
        if ids.indices.contains(expected - 1), ids[expected - 1] == parts[1] { return expected }
        return ids.firstIndex(of: parts[1]).map { $0 + 1 } ?? min(expected, ids.count)
    }
}

extension StatementArguments {
    func appending(_ more: [String: (any DatabaseValueConvertible)?]) -> StatementArguments {
        self &+ StatementArguments(more)
    }
}
