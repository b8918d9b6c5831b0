import GRDB
public import TrackModel

extension Writer {
    /// Archives a run or puts it into the bin, or takes it out. What is there already keeps its time.
    func putAway(_ run: Int64, _ request: UpdateRunRequest, _ db: Database) throws {
        for (column, wanted) in [("archived_ms", request.archived), ("binned_ms", request.deleted)] {
            guard let wanted else { continue }
            try db.execute(sql: "UPDATE run SET \(column) = CASE WHEN :wanted THEN COALESCE(\(column), :now) END WHERE id = :run",
                           arguments: ["wanted": wanted, "now": milliseconds(), "run": run])
        }
    }

    /// Makes a run unreachable if it is in the bin since before `limit`, and was not written since; returns its row.
    func hideBinned(_ id: RunID, before limit: Int64, _ db: Database) throws -> Int64? {
        let isThere = try Bool.fetchOne(db, sql: "SELECT binned_ms < :limit AND heartbeat_ms < :limit FROM run WHERE code = :code AND binned_ms IS NOT NULL",
                                        arguments: ["limit": limit, "code": id.text])
        return isThere == true ? try hideRun(id, db) : nil
    }
}

extension SQLiteStore {
    public var binDays: Int { options.binDays }

    public func emptyBin(of project: String, runs: [RunID]?) async throws -> EmptiedBin {
        let lying = try await binned(in: project, before: .max)
        let wanted = runs.map(Set.init)
        return try await deleteBinned(lying.filter { wanted?.contains($0.run) ?? true }, before: .max)
    }

    /// Deletes for ever what has lain in any bin since before a time, in milliseconds since 1970: put there, and last written.
    public func emptyBins(before limit: Int64) async throws -> EmptiedBin {
        let emptied = try await deleteBinned(try await binned(in: nil, before: limit), before: limit)
        counters.update { values in
            values.expiredRuns += emptied.runs
            values.expiredBytes += emptied.bytesFreed
        }
        return emptied
    }

    /// Empties the bins of what has been there for ``StoreOptions/binDays``.
    func emptyBinsThatAreDue() async throws {
        _ = try await emptyBins(before: milliseconds() - Int64(options.binDays) * 86_400_000)
    }

    private func binned(in project: String?, before limit: Int64) async throws -> [(project: String, run: RunID)] {
        try await read { db in
            if let project { _ = try ProjectRows.id(of: project, db) }
            return try Row.fetchAll(db, sql: """
                SELECT project.name, code
                FROM run JOIN project ON project.id = project_id
                WHERE \(RunsFilter.hidden) AND binned_ms < :limit AND deleted_ms IS NULL AND (:project IS NULL OR project.name = :project)
                """, arguments: ["limit": limit, "project": project])
                .compactMap { row in RunID(row[1] as String).map { (row[0], $0) } }
        }
    }

    /// Whoever took a run out meanwhile keeps it.
    private func deleteBinned(_ runs: [(project: String, run: RunID)], before limit: Int64) async throws -> EmptiedBin {
        var rows: [Int64] = []
        for (project, run) in runs {
            guard let row = try await write({ writer, db in try writer.hideBinned(run, before: limit, db) }) else { continue }
            rows.append(row)
            hub.send([.deleted(project: project, run: run)])
        }
        return EmptiedBin(runs: rows.count, bytesFreed: rows.isEmpty ? 0 : try await reclaim(rows))
    }
}
