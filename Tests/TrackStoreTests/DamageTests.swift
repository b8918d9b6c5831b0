import Foundation
import GRDB
import SeededRandom
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("A SQLite store, damaged") struct DamageTests {
    /// Blobs that make up a folded run: table, column, and which rows belong to metric `a`.
    static let blobs = [
        ("chunk", "data", "metric_id = (SELECT MIN(id) FROM metric)"), ("chunk", "records", "metric_id = (SELECT MIN(id) FROM metric)"),
        ("pyramid", "entries", "metric_id = (SELECT MIN(id) FROM metric)"),
    ]

    @Test("one flipped bit anywhere in a series' blobs is found, named, and kept to that series", arguments: blobs.indices) func bits(place: Int) async throws {
        let (table, column, rows) = Self.blobs[place]
        try await withFolder { folder in
            var store = try open(folder), random = SeededRandom(seed: UInt64(place))
            let run = try await fill(store, random: &random), other = try await fill(store, random: &random)
            try await store.close()
            for _ in 0..<12 {
                let flip = try Self.flip(folder, table, column, rows, &random)
                store = try open(folder)

                let problems = try await store.verify().problems
                #expect(!problems.isEmpty && problems.allSatisfy { $0.run == run && $0.metric == "a" }, "bit \(flip.bit): \(problems)")
                for buckets in [1, 50, 5_000] {
                    let answer = try await store.series(SeriesQuery(runs: [run, other], metrics: ["a", "b"], buckets: buckets))
                    #expect(answer.series.count + answer.missing.count == 4)
                    #expect(answer.missing.allSatisfy { $0 == .init(run: run, metric: "a", reason: .damaged) })
                    #expect(answer.series.allSatisfy { $0.points == 3_000 })        // what is answered is whole
                }
                try await store.log(run, ["a": [1], "b": [1]], steps: [Int64(5_000 + flip.bit)], writer: "w\(flip.bit)")      // it goes on
                try await store.close()
                try Self.restore(folder, table, column, flip)
                try Self.execute(folder, "DELETE FROM batch")
            }
        }
    }

    @Test("a damaged batch is kept to the series it names; its writer and everybody else go on, also after a restart") func batch() async throws {
        try await withFolder { folder in
            var store = try open(folder)
            let run = try await store.newRun(), other = try await store.newRun()
            try await store.log(run, ["a": [1], "b": [2]], steps: [1], sequence: 1)
            try await store.log(run, ["a": [3]], steps: [2], sequence: 2)
            try await store.log(other, ["a": [4]], steps: [1], sequence: 1)
            try await store.close()
            try Self.execute(folder, "UPDATE batch SET checksum = checksum + 1 WHERE sequence = 2")
            try Self.execute(folder, "UPDATE run SET summarised_batch = 0, folded_batch = 0")      // as if the server had been killed before it wrote summaries
            try Self.execute(folder, "UPDATE metric SET count = 0; UPDATE writer SET sequence = 0")

            for _ in 0..<2 {
                store = try open(folder)
                let answer = try await store.series(SeriesQuery(runs: [run, other], metrics: ["a", "b"]))
                #expect(answer.missing.contains(.init(run: run, metric: "a", reason: .damaged)) && answer.series.map(\.metric).sorted() == ["a", "b"])
                #expect(try await store.verify().problems.contains { $0.run == run && $0.what.contains("checksum") })
                try await store.close()
            }
            store = try open(folder)
            #expect(try await store.log(run, ["b": [5]], steps: [3], sequence: 2).duplicate)       // its number is known
            #expect(try await store.log(run, ["b": [5]], steps: [3], sequence: 3).duplicate == false)
            #expect(try await store.buckets(run, "b")?.columns.last == [2, 5])
            #expect(try await store.run(other).summary?["a"]?.last == 4)
            try await store.close()
        }
    }

    private func open(_ folder: String) throws -> SQLiteStore {
        var options = StoreOptions()
        options.foldsInBackground = false
        return try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
    }

    private func fill(_ store: SQLiteStore, random: inout SeededRandom) async throws -> RunID {
        let run = try await store.newRun(), steps = (0..<3_000).map(Int64.init)
        try await store.log(run, ["a": steps.map { _ in random.unit() }, "b": steps.map { _ in random.unit() }], steps: steps)
        try await store.fold(run)
        return run
    }

    struct Flip { var row: Int64; var bit: Int; var before: Data }

    /// Flips a bit of one blob; says which.
    static func flip(_ folder: String, _ table: String, _ column: String, _ rows: String, _ random: inout SeededRandom) throws -> Flip {
        let queue = try DatabaseQueue(path: folder + "/track.sqlite")
        defer { try? queue.close() }
        let key = table == "pyramid" ? "first_step" : "id"
        let chosen = random.next()
        return try queue.write { db in
            let found = try Row.fetchOne(db, sql: "SELECT \(key), \(column) FROM \(table) WHERE \(rows)")!
            var bytes: Data = found[1]
            let flip = Flip(row: found[0], bit: Int(chosen % UInt64(bytes.count * 8)), before: bytes)
            bytes[flip.bit / 8] ^= 1 << UInt8(flip.bit % 8)
            try db.execute(sql: "UPDATE \(table) SET \(column) = :bytes WHERE \(key) = :row AND \(rows)", arguments: ["bytes": bytes, "row": flip.row])
            return flip
        }
    }

    static func restore(_ folder: String, _ table: String, _ column: String, _ flip: Flip) throws {
        let queue = try DatabaseQueue(path: folder + "/track.sqlite")
        defer { try? queue.close() }
        let key = table == "pyramid" ? "metric_id = (SELECT MIN(id) FROM metric) AND first_step" : "id"
        try queue.write { db in
            try db.execute(sql: "UPDATE \(table) SET \(column) = :bytes WHERE \(key) = :row", arguments: ["bytes": flip.before, "row": flip.row])
        }
    }

    static func execute(_ folder: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: folder + "/track.sqlite")
        defer { try? queue.close() }
        try queue.write { db in try db.execute(sql: sql) }
    }
}
