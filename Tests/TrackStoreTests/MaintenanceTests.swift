import Foundation
import GRDB
import Synchronization
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("A SQLite store, upkeep") struct MaintenanceTests {
    @Test("damage is found, named and kept to its series; everything else is served") func damage() async throws {
        try await withFolder { folder in
            var store = try open(folder)
            let run = try await fill(store, rows: 3_000), other = try await fill(store, rows: 300)
            #expect(try await store.verify().problems.isEmpty)
            try await store.close()
            try change(folder, "UPDATE chunk SET data = CAST(SUBSTR(data, 1, LENGTH(data) / 2) AS BLOB) WHERE metric_id = (SELECT MIN(id) FROM metric)")

            store = try open(folder)
            let problems = try await store.verify().problems
            #expect(problems.count == 1 && problems[0].run == run && problems[0].metric == "a" && problems[0].what.contains("checksum"))
            let answer = try await store.series(SeriesQuery(runs: [run, other], metrics: ["a", "b"], buckets: 1_000))
            #expect(answer.missing == [.init(run: run, metric: "a", reason: .damaged)] && answer.series.count == 3)
            #expect(store.counters.current.damagedBlobs == 1)
            #expect(try await store.run(run).summary?["a"]?.count == 3_000)
            try await store.close()
        }
    }

    @Test("verify sees a changed pyramid, a missing chunk, a damaged batch and a gap", arguments: [
        ("DELETE FROM chunk WHERE metric_id = (SELECT MIN(id) FROM metric)", "which has no such chunk"),
        ("DELETE FROM pyramid WHERE metric_id = (SELECT MIN(id) FROM metric)", "is not in the pyramid"),
        ("UPDATE pyramid SET entries = (SELECT entries FROM pyramid WHERE metric_id = (SELECT MAX(id) FROM metric)) WHERE metric_id = (SELECT MIN(id) FROM metric)", "differs from the points"),
        ("UPDATE batch SET bytes = CAST(zeroblob(60) AS BLOB) WHERE id = (SELECT MAX(id) FROM batch)", "fails its checksum"),
        ("DELETE FROM batch WHERE id = (SELECT MIN(id) + 1 FROM batch)", "batch 4 follows 2"),
        ("UPDATE row_group SET steps = zeroblob(10)", "row group"),
    ])
    func seen(sql: String, words: String) async throws {
        try await withFolder { folder in
            var store = try open(folder)
            let run = try await fill(store, rows: 200)
            for sequence in 2...4 { try await store.log(run, ["a": [1]], steps: [Int64(1_000 + sequence)], sequence: UInt64(sequence)) }
            try await store.close()
            try change(folder, sql)

            store = try open(folder)
            let problems = try await store.verify().problems
            #expect(!problems.isEmpty && problems.contains { $0.description.contains(words) }, "\(problems)")
            try await store.close()
        }
    }

    @Test("export writes every visible point, in text and as a database") func exports() async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await fill(store, rows: 500)
            try await store.log(run, ["x,\"y\"": [.nan, 0.1]], steps: [1, 9_999], sequence: 2)

            let text = Mutex("")
            let count = try await store.export([run], as: .csv) { bytes in text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
            let lines = text.withLock { $0.split(separator: "\n") }
            #expect(count == 1_002 && lines.count == 1_003 && lines[0] == "run,name,metric,step,time_us,value")
            #expect(lines.contains { $0.hasSuffix(",\"x,\"\"y\"\"\",1,1000000,NaN") } && lines.last!.hasSuffix(",9999,9999000000,0.1"))

            let json = Mutex<[String]>([])
            _ = try await store.export([run], as: .jsonl) { bytes in json.withLock { $0 += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init) } }
            let first = try JSONDecoder().decode(JSONValue.self, from: Data(json.withLock { $0[0] }.utf8))
            #expect(json.withLock { $0.count } == 1_002 && first["metric"] == "a" && first["run"] == .string(run.text))

            #expect(try await store.exportSQLite([run], to: folder + "/out.sqlite") == 1_002)
            let sums = try await DatabaseQueue(path: folder + "/out.sqlite").read { db in
                try Row.fetchOne(db, sql: "SELECT COUNT(*), COUNT(value), (SELECT COUNT(*) FROM run) FROM point")!.databaseValues.map { $0.description }
            }
            #expect(sums == ["1002", "1001", "1"])
            try await store.close()
        }
    }

    @Test("deleting a run gives its space back and says how much") func frees() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            let run = try await fill(store, rows: 20_000), kept = try await fill(store, rows: 100)
            let before = size(folder)
            let freed = try await store.deleteRun(run)
            try await store.close()

            #expect(freed > 100_000 && before - size(folder) > 100_000, "\(freed) of \(before)")
            let again = try open(folder)
            #expect(try await again.verify().problems.isEmpty)
            #expect(try await again.buckets(kept, "a")?.points == 100)
            try await again.close()
        }
    }

    @Test("a backup taken while writing is whole, and can be put back") func backup() async throws {
        try await withFolder { folder in
            var store = try open(folder + "/data")
            let run = try await fill(store, rows: 400)
            try await store.backup(to: folder + "/copy.sqlite")
            try await store.log(run, ["a": [1]], steps: [9_000], sequence: 2)
            #expect(throws: StoreError.locked(directory: folder + "/data")) { try SQLiteStore.restore(folder + "/copy.sqlite", into: folder + "/data") }
            try await store.close()
            #expect(throws: StoreError.self) { try SQLiteStore.restore(folder + "/data/lock", into: folder + "/data") }

            #expect(try SQLiteStore.restore(folder + "/copy.sqlite", into: folder + "/data") != nil)
            store = try open(folder + "/data")
            #expect(try await store.buckets(run, "a")?.points == 400)
            #expect(try await store.verify().problems.isEmpty)
            try await store.close()
        }
    }

    @Test("a database is copied before new migrations run") func migrationBackup() async throws {
        try await withFolder { folder in
            let old = folder + "/old"
            try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
            for file in ["0001_store.sql", "0002_series.sql"] { try FileManager.default.copyItem(atPath: StoreFactory.migrations + "/" + file, toPath: old + "/" + file) }
            try DatabasePool(path: folder + "/track.sqlite").close()
            try Migrations(folder: old).run(on: DatabasePool(path: folder + "/track.sqlite"), backups: folder + "/backups")
            let store = try open(folder)
            try await store.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/backups").count == 1)
            #expect(throws: StoreError.self) { try SQLiteStore(directory: folder, migrations: old) }
        }
    }

    private func open(_ folder: String) throws -> SQLiteStore {
        var options = StoreOptions()
        options.foldsInBackground = false
        return try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
    }

    /// A folded run of two metrics.
    private func fill(_ store: SQLiteStore, rows: Int) async throws -> RunID {
        var random = Random(seed: 1)
        let run = try await store.newRun(), steps = (0..<rows).map(Int64.init)
        try await store.log(run, ["a": steps.map { _ in random.unit() }, "b": steps.map { _ in random.unit() }], steps: steps)
        try await store.fold(run)
        return run
    }

    private func change(_ folder: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder + "/track.sqlite")
        try queue.write { db in try db.execute(sql: "PRAGMA foreign_keys = OFF"); try db.execute(sql: sql) }
        try queue.close()
    }

    private func size(_ folder: String) -> Int {
        ["", "-wal"].reduce(0) { $0 + ((try? FileManager.default.attributesOfItem(atPath: folder + "/track.sqlite" + $1)[.size] as? Int) ?? 0) }
    }
}
