import GRDB
import TrackModel

extension Writer {
    /// Moves a run to another project, with its points as they are: only names lead from a project to its runs.
    /// - Returns: The project it left; `nil` if it is there already.
    func move(_ id: RunID, _ run: Int64, to name: String, _ db: Database) throws -> String? {
        let from = try Row.fetchOne(db, sql: "SELECT project_id, project.name FROM run JOIN project ON project.id = project_id WHERE run.id = :run",
                                    arguments: ["run": run])!
        let left: String = from[1], source: Int64 = from[0]
        if left == name { return nil }
        let target = try ProjectRows.make(name, description: nil, db)
        let isKnown = states[id] != nil
        try release(id, db)
        for sql in Self.renaming {
            let values = ["run": run, "source": source, "target": target].filter { sql.contains(":" + $0.key) }
            try db.execute(sql: sql, arguments: StatementArguments(values))
        }
        try takePlace(run, in: target, db)
        if isKnown { _ = try state(of: id, db) }        // who listens hears of its rows under the new name
        try db.execute(sql: "UPDATE project SET activity_ms = MAX(activity_ms, :now) WHERE id = :target", arguments: ["now": milliseconds(), "target": target])
        return left
    }

    /// Whether the run was in this project once: what was started there goes on where the run is now.
    func hasLeft(_ project: String, _ run: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: """
            SELECT EXISTS (SELECT 1 FROM former_place JOIN project ON project.id = project_id WHERE run_id = :run AND project.name = :project)
            """, arguments: ["run": run, "project": project]) ?? false
    }

    /// The same names of metrics and keys in the target, and the run's own definitions with it.
    private static let renaming = [
        """
        INSERT INTO metric_name (project_id, name)
        SELECT :target, name FROM metric JOIN metric_name ON metric_name.id = name_id WHERE run_id = :run
        ON CONFLICT DO NOTHING
        """, """
        UPDATE metric
        SET name_id = (SELECT new.id FROM metric_name AS old JOIN metric_name AS new ON new.project_id = :target AND new.name = old.name WHERE old.id = name_id)
        WHERE run_id = :run
        """, """
        INSERT INTO config_key (project_id, kind, name)
        SELECT :target, kind, name FROM config_value JOIN config_key ON config_key.id = key_id WHERE run_id = :run
        ON CONFLICT DO NOTHING
        """, """
        UPDATE config_value
        SET key_id = (SELECT new.id FROM config_key AS old JOIN config_key AS new ON new.project_id = :target AND new.kind = old.kind AND new.name = old.name
                      WHERE old.id = key_id)
        WHERE run_id = :run
        """,
        "UPDATE metric_definition SET project_id = :target WHERE run_id = :run AND project_id = :source",
        "INSERT OR REPLACE INTO former_place (run_id, project_id, number, color) SELECT id, project_id, number, color FROM run WHERE id = :run",
    ]

    /// Number and colour follow from the order in the project, unless the run comes back.
    private func takePlace(_ run: Int64, in target: Int64, _ db: Database) throws {
        let former = try Row.fetchOne(db, sql: "SELECT number, color FROM former_place WHERE run_id = :run AND project_id = :target",
                                      arguments: ["run": run, "target": target])
        if former == nil { try db.execute(sql: "UPDATE project SET runs_made = runs_made + 1 WHERE id = :target", arguments: ["target": target]) }
        let number: Int = try former?[0] ?? Int.fetchOne(db, sql: "SELECT runs_made FROM project WHERE id = :target", arguments: ["target": target])!
        try db.execute(sql: "UPDATE run SET project_id = :target, number = :number, color = :color, version = version + 1 WHERE id = :run",
                       arguments: ["target": target, "number": number, "color": former?[1] ?? number - 1, "run": run])
    }
}
