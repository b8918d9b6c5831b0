import Foundation
import GRDB
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("Runs that are put away") struct PutAwayTests {
    @Test("what cannot be done is refused, and what is not there is named", arguments: StoreFactory.all)
    func refusals(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(), nobody = RunID("aaaaaaaa")!
            await #expect(throws: StoreError.unknownRun("aaaaaaaa")) { try await store.updateRun(nobody, UpdateRunRequest(archived: true)) }
            await #expect(throws: StoreError.unknownProject("q")) { try await store.emptyBin(of: "q", runs: nil) }
            await #expect(throws: StoreError.invalidName(kind: "Project", value: "", reason: "it is empty")) { try await store.updateRun(run, UpdateRunRequest(project: "")) }
            await #expect(throws: StoreError.invalidParameter(name: "runs", value: "10001 ids", reason: "10000 are the most at once")) {
                try await store.updateRuns([RunID](repeating: run, count: 10_001), UpdateRunRequest(archived: true))
            }
            await #expect(throws: StoreError.invalidFilter(text: "archived:maybe", position: 9, reason: "\"maybe\" is not true or false")) {
                try await store.runs(RunsQuery(project: "p", filter: "archived:maybe"))
            }
            #expect(try await store.updateRuns([run, nobody, run], UpdateRunRequest(archived: true)) == UpdateRunsResponse(changed: 1, unknown: [nobody]))
        }
    }

    @Test("lists, groups, counts, keys and metrics leave them out, and a filter that speaks of them finds them", arguments: StoreFactory.all)
    func lists(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            var runs: [RunID] = []
            for name in ["shown", "archived", "binned", "both"] {
                let run = try await store.makeRun(CreateRunRequest(project: "p", name: name, config: ["kind": .string(name)])).run.id
                try await store.log(run, [name: [1], "loss": [2]], steps: [1])
                runs.append(run)
            }
            _ = try await store.updateRuns([runs[1], runs[3]], UpdateRunRequest(archived: true))
            _ = try await store.updateRuns([runs[2], runs[3]], UpdateRunRequest(deleted: true))

            func names(_ filter: String?) async throws -> [String] {
                let page = try await store.runs(RunsQuery(project: "p", filter: filter, sort: "name"))
                #expect(page.matched == page.runs.count && page.total >= page.matched)
                return page.runs.map(\.name)
            }
            for (filter, expected) in [
                (nil, ["shown"]), ("loss > 1", ["shown"]), ("archived:true", ["archived"]), ("archived:false", ["shown"]),
                ("archived in (true, false)", ["archived", "shown"]), ("deleted:true", ["binned", "both"]), ("deleted:false", ["shown"]),
                ("trashed = yes and archived = no", ["binned"]), ("not deleted:true or archived:true", ["archived", "both", "shown"]),
            ] as [(String?, [String])] {
                #expect(try await names(filter) == expected, "\(filter ?? "none")")
            }
            #expect(try await store.runs(RunsQuery(project: "p")).total == 1)
            #expect(try await store.runs(RunsQuery(project: "p", sort: "-deletedAt")).matched == 1)
            let project = try await store.project("p")
            #expect(project.runs == 1 && project.running == 1 && project.archived == 1 && project.deleted == 2 && project.activity.last == 1)
            #expect(try await store.runGroups(RunGroupsQuery(project: "p", by: ["config.kind"])).groups.map(\.values) == [["shown"]])
            let bin = try await store.runGroups(RunGroupsQuery(project: "p", by: ["config.kind"], filter: "deleted:true"))
            #expect(bin.groups.map(\.values) == [["binned"], ["both"]])
            #expect(try await store.runKeys(project: "p").map(\.runs) == [1])
            #expect(try await store.runKeyValues(project: "p", key: "config.kind", limit: 9) == [RunKeyValue(value: "shown", runs: 1)])
            #expect(try await store.metrics(project: "p", runs: nil).map(\.name) == ["loss", "shown"])
            #expect(try await store.metrics(project: "p", runs: nil, filter: "archived:true").map(\.name) == ["archived", "loss"])
            #expect(try await store.metrics(project: "p", runs: [runs[2]]).map(\.name) == ["binned", "loss"])
        }
    }

    @Test("take rows as ever, keep their mark, and come back as they were", arguments: StoreFactory.all)
    func goOn(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            let archived = try await store.updateRun(run, UpdateRunRequest(archived: true))
            let binned = try await store.updateRun(run, UpdateRunRequest(deleted: true))
            #expect(archived.archivedAt != nil && archived.deletedAt == nil && binned.archivedAt == archived.archivedAt && binned.deletedAt != nil)
            #expect(try await store.updateRun(run, UpdateRunRequest(deleted: true)).deletedAt == binned.deletedAt)

            try await store.log(run, ["loss": [3, 2]], steps: [1, 2])
            #expect(try await store.buckets(run, "loss")?.points == 2)
            let resumed = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must))
            #expect(resumed.attempt == 2 && resumed.run.deletedAt == binned.deletedAt)

            let back = try await store.updateRun(run, UpdateRunRequest(deleted: false))
            #expect(back.deletedAt == nil && back.archivedAt == archived.archivedAt && back.points == 2)
            #expect(try await store.updateRun(run, UpdateRunRequest(archived: false)).archivedAt == nil)
            #expect(try await store.runs(RunsQuery(project: "p")).runs.map(\.id) == [run])
        }
    }

    @Test("the bin is emptied of what was named or of all, and of nothing else", arguments: StoreFactory.all)
    func empties(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            var runs: [RunID] = []
            for _ in 0..<4 {
                let run = try await store.newRun()
                try await store.log(run, ["loss": (0..<5_000).map { Double($0).squareRoot() }], steps: Array(0..<5_000))
                runs.append(run)
            }
            _ = try await store.updateRuns(Array(runs[..<3]), UpdateRunRequest(deleted: true))

            let one = try await store.emptyBin(of: "p", runs: [runs[0], runs[3]])
            #expect(one.runs == 1 && one.bytesFreed > 10_000, "\(one)")
            await #expect(throws: StoreError.unknownRun(runs[0].text)) { try await store.run(runs[0]) }
            let rest = try await store.emptyBin(of: "p", runs: nil)
            #expect(rest.runs == 2 && rest.bytesFreed > 10_000)
            #expect(try await store.emptyBin(of: "p", runs: nil) == EmptiedBin(runs: 0, bytesFreed: 0))
            #expect(try await store.runs(RunsQuery(project: "p", filter: "deleted in (true, false)")).runs.map(\.id) == [runs[3]])
            #expect(try await store.buckets(runs[3], "loss")?.points == 5_000)
        }
    }

    @Test("what has lain in the bin for long enough goes by itself, unless it is written") func expires() async throws {
        try await withFolder { folder in
            var store = try open(folder, binDays: 30)
            let old = try await store.newRun(), written = try await store.newRun(), young = try await store.newRun(), kept = try await store.newRun()
            _ = try await store.updateRuns([old, written, young], UpdateRunRequest(deleted: true))
            let now = milliseconds(), month = 30 * 86_400_000 as Int64
            #expect(try await store.emptyBins(before: now - month).runs == 0)
            try await store.write { _, db in
                try db.execute(sql: "UPDATE run SET binned_ms = :past WHERE code IN (:old, :written)", arguments: ["past": now - month - 1, "old": old.text, "written": written.text])
                try db.execute(sql: "UPDATE run SET heartbeat_ms = :past WHERE code IN (:old, :young)", arguments: ["past": now - month - 1, "old": old.text, "young": young.text])
            }
            try await store.close()

            store = try open(folder, binDays: 30)
            while try await store.read({ db in try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = 1)") }) == true {
                try await Task.sleep(for: .milliseconds(20))
            }
            let left = try await store.runs(RunsQuery(project: "p", filter: "deleted in (true, false)")).runs.map(\.id)
            #expect(Set(left) == [written, young, kept])
            try await store.close()
        }
    }

    @Test("a tool that opens the store empties no bin") func tools() async throws {
        try await withFolder { folder in
            let store = try open(folder, binDays: 0, upkeep: false)
            let run = try await store.newRun()
            _ = try await store.updateRun(run, UpdateRunRequest(deleted: true))
            try await store.close()
            let again = try open(folder, binDays: 0, upkeep: false)
            #expect(try await again.run(run).deletedAt != nil)
            try await again.close()
        }
    }

    @Test("an export of the project leaves the bin out and the archive in") func exported() async throws {
        try await withStore { store in
            let shown = try await store.newRun(), archived = try await store.newRun(), binned = try await store.newRun()
            _ = try await store.updateRun(archived, UpdateRunRequest(archived: true))
            _ = try await store.updateRun(binned, UpdateRunRequest(deleted: true))
            #expect(try await (store as! SQLiteStore).runIDs(of: "p") == [shown, archived])
        }
    }

    @Test("a database from before the bin takes it up with its runs as they were") func migrates() async throws {
        try await withFolder { folder in
            let before = folder + "/migrations"
            try FileManager.default.createDirectory(atPath: before, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: StoreFactory.migrations) where name < "0009" {
                try FileManager.default.copyItem(atPath: StoreFactory.migrations + "/" + name, toPath: before + "/" + name)
            }
            let queue = try DatabaseQueue(path: folder + "/track.sqlite")
            try Migrations.applyAll(in: before, to: queue)
            try await queue.write { db in
                try db.execute(sql: """
                    INSERT INTO project (name, created_ms, activity_ms, runs_made) VALUES ('p', 1, 1, 1);
                    INSERT INTO run (code, project_id, name, state, color, number, created_ms, started_ms, heartbeat_ms)
                    VALUES ('abcdefgh', 1, 'old', 'finished', 0, 1, 1, 1, 1);
                    """)
            }
            try queue.close()

            let store = try open(folder, binDays: 30)
            #expect(try await store.runs(RunsQuery(project: "p")).runs.map(\.name) == ["old"])
            _ = try await store.updateRun(RunID("abcdefgh")!, UpdateRunRequest(archived: true))
            #expect(try await store.project("p").archived == 1)
            try await store.close()
        }
    }

    private func open(_ folder: String, binDays: Int, upkeep: Bool = true) throws -> SQLiteStore {
        var options = StoreOptions()
        (options.binDays, options.foldsInBackground) = (binDays, upkeep)
        return try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
    }
}

extension Migrations {
    /// As an older server would have made the database.
    fileprivate static func applyAll(in folder: String, to queue: DatabaseQueue) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE migration (name TEXT PRIMARY KEY, applied_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID")
            for name in names {
                try db.execute(sql: try String(contentsOfFile: folder + "/" + name, encoding: .utf8))
                try db.execute(sql: "INSERT INTO migration (name, applied_ms) VALUES (:name, 1)", arguments: ["name": String(name.dropLast(4))])
            }
        }
    }
}
