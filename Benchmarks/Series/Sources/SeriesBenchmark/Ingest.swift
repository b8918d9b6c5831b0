import Foundation
import TrackModel
import TrackStore

/// How fast batches become durable.
struct Ingest {
    let folder: String
    let migrations: String

    func run() async throws {
        Report.row("fdatasync of 4 kB on this disk", syncMilliseconds(in: folder), "ms")
        try await batches("raw columns, 1 000 rows × 8, 16 writers", rows: 1_000, writers: 16, each: 150, bar: ("ingest_columns", 15e6))
        try await batches("raw columns, 10 rows × 8, 64 writers", rows: 10, writers: 64, each: 800, bar: ("ingest_small", 4e6), p99: 5)
        try await single()
        try scanning()
        try await rowAPoint()
    }

    private func store(_ name: String) throws -> SQLiteStore { try SQLiteStore(directory: folder + "/" + name, migrations: migrations) }

    private func batch(_ rows: Int, _ writer: Int, _ sequence: Int) throws -> EncodedBatch {
        var noise = Noise(state: UInt64(writer &* 1_000_003 &+ sequence))
        let steps = (0..<rows).map { Int64((sequence - 1) * rows + $0) }
        let columns = (0..<8).map { column in Batch.Column(name: "train/metric\(column)", values: steps.map { _ in Double(Float(noise.unit())) }) }
        return try EncodedBatch(Batch(writer: "w\(writer)", sequence: UInt64(sequence), steps: steps, times: steps.map { 1_700_000_000_000_000 + $0 * 1_000 }, columns: columns))
    }

    private func batches(_ name: String, rows: Int, writers: Int, each: Int, bar: (String, Double), p99: Double? = nil) async throws {
        let store = try store("ingest\(rows)")
        var runs: [RunID] = []
        for _ in 0..<writers { runs.append(try await store.makeRun(CreateRunRequest(project: "p")).run.id) }
        let prepared = try (0..<writers).map { writer in try (1...each).map { try batch(rows, writer, $0) } }
        let start = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for writer in 0..<writers {
                group.addTask { [run = runs[writer], batches = prepared[writer]] in
                    var times: [Double] = []
                    for batch in batches {
                        let start = ContinuousClock.now
                        _ = try await store.append(batch, to: run)
                        times.append(duration(since: start))
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let rate = Double(writers * each * rows * 8) / duration(since: start), slow = times[times.count * 99 / 100] * 1_000
        Report.row("store, " + name, rate, "points/s")
        Report.row("  p50 of one append", times[times.count / 2] * 1_000, "ms")
        Report.row("  p99 of one append", slow, "ms")
        Report.bar(bar.0, rate, atLeast: bar.1)
        if let p99 { Report.bar(bar.0 + "_p99_ms", slow, atMost: p99) }
        let counters = store.counters.current
        Report.row("  folded meanwhile, points/s while folding", Double(counters.foldedPoints) / max(counters.foldSeconds, 1e-9), "points/s")
        try await store.close()
    }

    private func single() async throws {
        let store = try store("single"), run = try await store.makeRun(CreateRunRequest(project: "p")).run.id
        let prepared = try (1...5_000).map { try batch(1, 0, $0) }
        var times: [Double] = []
        for batch in prepared {
            let start = ContinuousClock.now
            _ = try await store.append(batch, to: run)
            times.append(duration(since: start))
        }
        let rate = 5_000 / times.reduce(0, +), middle = times.sorted()[2_500] * 1_000
        Report.row("store, 1 row × 8, one writer", rate, "batches/s")
        Report.row("  p50 of one append", middle, "ms")
        Report.bar("ingest_single", rate, atLeast: 10_000)
        Report.bar("ingest_single_p50_ms", middle, atMost: 0.1)
        try await store.close()
    }

    private func scanning() throws {
        var noise = Noise(state: 5)
        let rows = (0..<1_000).map { row in
            "{\"step\":\(row),\"time\":1700000000000000,\"values\":{" + (0..<8).map { "\"train/metric\($0)\":\(noise.unit())" }.joined(separator: ",") + "}}"
        }
        let body = Array("{\"writer\":\"w\",\"sequence\":1,\"rows\":[\(rows.joined(separator: ","))]}".utf8)
        let (time, _) = try seconds { for _ in 0..<100 { _ = try EncodedBatch(BatchScanner.scan(body).batch) } }
        Report.row("JSON rows of 8 doubles, scanned and encoded, one thread", 800_000 / time, "points/s")
        Report.bar("scan_json", 800_000 / time, atLeast: 10e6)
    }

    /// What a table with a row for each point does on this disk.
    private func rowAPoint() async throws {
        let rate = try RawSQLite(path: folder + "/raw.sqlite").insert(points: 400_000, perCommit: 8_000)
        Report.row("plain SQLite, a row a point, 8 000 a commit", rate, "points/s")
    }
}
