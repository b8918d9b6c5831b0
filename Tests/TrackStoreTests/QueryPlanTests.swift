import GRDB
import Testing
import TrackModel
@testable import TrackStore

@Suite("Query plans") struct QueryPlanTests {
    @Test("hot queries go by their index, and scan no table", arguments: [
        ("SELECT id FROM run WHERE code = 'abcdefgh'", "sqlite_autoindex_run_1"),
        ("SELECT steps, presence, data FROM chunk JOIN row_group ON row_group.id = group_id WHERE group_id = 1 AND metric_id = 1", "chunk_by_group"),
        ("SELECT first_step, last_step FROM pyramid WHERE metric_id = 1 AND attempt = 1 ORDER BY first_step", "PRIMARY KEY (metric_id=? AND attempt=?)"),
        ("SELECT entries FROM pyramid WHERE metric_id = 1 AND attempt = 1 AND first_step = 1", "PRIMARY KEY (metric_id=? AND attempt=? AND first_step=?)"),
        ("SELECT id FROM row_group WHERE run_id = 1 AND attempt = 1 ORDER BY first_step", "row_group_by_run (run_id=? AND attempt=?)"),
        ("SELECT * FROM metric JOIN metric_name ON metric_name.id = name_id WHERE run_id = 1", "sqlite_autoindex_metric_1 (run_id=?)"),
        ("SELECT * FROM log_line WHERE run_id = 1 AND number > 5 ORDER BY number LIMIT 9", "PRIMARY KEY (run_id=? AND number>?)"),
        ("SELECT step FROM histogram WHERE run_id = 1 AND name = 'w' AND step BETWEEN 1 AND 9", "PRIMARY KEY (run_id=? AND name=? AND step>? AND step<?)"),
        ("SELECT * FROM event WHERE run_id = 1 ORDER BY time_us, id", "event_by_run (run_id=?)"),
        ("SELECT checksum, bytes FROM batch WHERE id = 1", "INTEGER PRIMARY KEY"),
        ("SELECT id, kind FROM command WHERE run_id = 1 AND state IN ('waiting', 'taken')", "command_open (run_id=?)"),
        ("SELECT id, kind FROM command WHERE run_id = 1 ORDER BY id DESC LIMIT 9", "command_by_run (run_id=?)"),
    ])
    func hot(sql: String, index: String) async throws {
        try await withStore { store in
            let plan = try await (store as! SQLiteStore).plan(sql)
            #expect(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }

    @Test("runs are listed, filtered and sorted by index", arguments: [
        (nil, nil, "COVERING INDEX run_by_project_created"),
        ("config.lr < 0.3", nil, "config_value_by_number (key_id=? AND number<?)"),
        ("config.model = vit", nil, "config_value_by_text (key_id=? AND text=?)"),
        ("summary.loss.min < 0.3", nil, "COVERING INDEX metric_by_name (name_id=?"),
        ("tag:best", nil, "run_tag_by_tag (tag=?)"),
        (nil, "summary.loss.min", "COVERING INDEX metric_by_name (name_id=? AND run_id=?)"),
        (nil, "config.lr", "USING PRIMARY KEY (key_id=? AND run_id=?)"),
    ] as [(String?, String?, String)])
    func listing(filter: String?, sort: String?, index: String) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore
            let run = try await store.makeRun(CreateRunRequest(project: "p", config: ["lr": 0.1, "model": "vit"], tags: ["best"])).run.id
            try await store.log(run, ["loss": [1]], steps: [1])
            let plan = try await store.read { db in
                let listing = RunsListing(query: RunsQuery(project: "p", filter: filter, sort: sort), project: try ProjectRows.id(of: "p", db))
                let (sql, arguments) = try listing.statement(try listing.filter(db), db)
                return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }.joined(separator: "\n")
            }
            #expect(plan.contains(index) && !plan.contains("SCAN run"), "\(plan)")
        }
    }
}

extension SQLiteStore {
    func plan(_ sql: String) async throws -> String {
        try await read { db in try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }.joined(separator: "\n") }
    }
}
