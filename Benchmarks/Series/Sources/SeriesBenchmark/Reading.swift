import Foundation
import TrackModel
import TrackSeries
import TrackStore

/// How fast pictures are made of long series, and how much disk and memory they take.
struct Reading {
    let folder: String
    let migrations: String
    let points: Int

    func run() async throws {
        let store = try SQLiteStore(directory: folder + "/read", migrations: migrations)
        try await one(store, points: 1_000_000, bar: 3)
        let long = try await one(store, points: points, bar: 5)
        try await zoom(store, long)
        try await many(store)
        try await spikes(store)
        Report.row("memory of the process while holding this", residentMegabytes(), "MB")
        Report.bar("resident_MB", residentMegabytes(), atMost: 150)
        try await store.close()
    }

    @discardableResult
    private func one(_ store: SQLiteStore, points: Int, bar: Double) async throws -> RunID {
        let run = try await fill(store, rows: points, metrics: 1)
        let query = SeriesQuery(runs: [run], metrics: ["m0"], buckets: 1_000)
        let time = try await median(15) { _ = try await store.series(query).encodedBinary() } * 1_000
        Report.row("1 000 buckets of \(points) points, encoded", time, "ms")
        Report.bar("buckets_\(points)_ms", time, atMost: bar)
        return run
    }

    private func zoom(_ store: SQLiteStore, _ run: RunID) async throws {
        var noise = Noise(state: 3), times: [Double] = []
        for _ in 0..<21 {
            let from = noise.unit() * Double(points) * 0.99, query = SeriesQuery(runs: [run], metrics: ["m0"], from: from, to: from + Double(points) / 100, buckets: 1_000)
            let start = ContinuousClock.now
            _ = try await store.series(query).encodedBinary()
            times.append(duration(since: start) * 1_000)
        }
        Report.row("1 000 buckets of a random hundredth of it", times.sorted()[10], "ms")
        Report.bar("zoom_ms", times.sorted()[10], atMost: 10)
    }

    private func many(_ store: SQLiteStore) async throws {
        var runs: [RunID] = []
        for _ in 0..<100 { runs.append(try await fill(store, rows: 10_000, metrics: 1)) }
        let query = SeriesQuery(runs: runs, metrics: ["m0"], buckets: 500)
        let time = try await median(11) { _ = try await store.series(query).encodedBinary() } * 1_000
        Report.row("100 runs × 10 000 points × 500 buckets in one request", time, "ms")
        Report.bar("hundred_runs_ms", time, atMost: 15)
    }

    private func spikes(_ store: SQLiteStore) async throws {
        let run = try await store.makeRun(CreateRunRequest(project: "p")).run.id
        var noise = Noise(state: 11)
        let places = Set((0..<50).map { Int64($0 * 20_000 + 7_777) })
        for part in 0..<10 {
            let steps = (0..<100_000).map { Int64(part * 100_000 + $0) }
            _ = try await store.append(try EncodedBatch(Batch(writer: "w", sequence: UInt64(part + 1), steps: steps, times: steps, columns: [
                .init(name: "m0", values: steps.map { places.contains($0) ? 100 : noise.unit() }),
            ])), to: run)
        }
        try await store.fold(run)
        let found = try await store.series(SeriesQuery(runs: [run], metrics: ["m0"], buckets: 1_000)).series[0].columns.max!.count { $0 == 100 }
        Report.row("one-step spikes found of 50 in a million points", Double(found), "")
        Report.bar("spikes", Double(found), atLeast: 50)
    }

    func fill(_ store: SQLiteStore, rows: Int, metrics: Int, floats: Bool = true) async throws -> RunID {
        let run = try await store.makeRun(CreateRunRequest(project: "p")).run.id
        var noise = Noise(state: UInt64(rows)), sequence: UInt64 = 0, time: Int64 = 1_700_000_000_000_000
        for start in stride(from: 0, to: rows, by: 50_000) {
            let steps = (start..<min(start + 50_000, rows)).map(Int64.init)
            let times = steps.map { _ in time += 10_000 + Int64(noise.next() % 500); return time }
            sequence += 1
            let columns = (0..<metrics).map { metric in
                Batch.Column(name: "m\(metric)", values: steps.map { step in
                    let value = 0.1 + 2 / (1 + Double(step) / 1_000) + 0.05 * noise.unit()
                    return floats ? Double(Float(value)) : value
                })
            }
            _ = try await store.append(try EncodedBatch(Batch(writer: "w", sequence: sequence, steps: steps, times: times, columns: columns)), to: run)
        }
        try await store.fold(run)
        return run
    }

    /// Bytes on disk for each point, eight metrics to a row.
    func disk() async throws {
        for (name, floats, needed) in [("float32 values", true, 4.0), ("doubles", false, 8.0)] {
            let path = folder + "/disk-\(floats)", store = try SQLiteStore(directory: path, migrations: migrations)
            _ = try await fill(store, rows: 200_000, metrics: 8, floats: floats)
            try await store.backup(to: path + "/copy.sqlite")          // without log and free pages
            try await store.close()
            let copy = try FileManager.default.attributesOfItem(atPath: path + "/copy.sqlite")[.size] as! Int
            let free = try RawPages.free(path + "/copy.sqlite")
            let bytes = Double(copy - free) / 1_600_000
            Report.row("disk, \(name), 8 to a row", bytes, "bytes/point")
            Report.bar(floats ? "bytes_float32" : "bytes_double", bytes, atMost: needed)
        }
    }
}
