import Foundation
import TrackModel
import TrackStore

/// How fast many runs are listed: 10 000 runs × 50 config keys × 50 metrics.
struct Runs {
    let folder: String
    let migrations: String

    func run() async throws {
        let store = try SQLiteStore(directory: folder + "/runs", migrations: migrations)
        let start = ContinuousClock.now
        try await fill(store)
        Report.row("10 000 runs of 50 keys and 50 metrics made in", duration(since: start), "s")
        let columns = ["config.key0", "summary.metric0"]
        for (name, filter, sort, needed) in [
            ("first page, newest first", nil, nil, 20.0),
            ("sorted by a metric's minimum", nil, "summary.metric3.min", 50.0),
            ("filtered by a config key", "config.key7 < 0.3", nil, 50.0),
            ("filtered by key and metric, sorted", "config.key7 < 0.5 and (summary.metric3.min < 0.2 or tags has \"best\") and state = running", "-summary.metric4.last", 50.0),
        ] as [(String, String?, String?, Double)] {
            let query = RunsQuery(project: "p", filter: filter, sort: sort, limit: 50, columns: columns)
            let time = try await median(7) { _ = try await store.runs(query) } * 1_000
            Report.row("runs, " + name, time, "ms")
            Report.bar("runs_" + name.split(separator: " ").prefix(2).joined(separator: "_").replacing(",", with: ""), time, atMost: needed)
        }
        try await store.close()
    }

    private func fill(_ store: SQLiteStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<20 {
                group.addTask {
                    var noise = Noise(state: UInt64(part + 1))
                    for _ in 0..<500 {
                        let config = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<50).map { ("key\($0)", .number(noise.unit())) }))
                        let run = try await store.makeRun(CreateRunRequest(project: "p", config: config, tags: noise.next() % 10 == 0 ? ["best"] : nil)).run.id
                        let columns = (0..<50).map { Batch.Column(name: "metric\($0)", values: [noise.unit(), noise.unit()]) }
                        _ = try await store.append(try EncodedBatch(Batch(writer: "w", sequence: 1, steps: [1, 2], times: [1, 2], columns: columns)), to: run)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
