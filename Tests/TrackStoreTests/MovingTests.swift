import GRDB
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("A run that moves to another project") struct MovingTests {
    @Test("keeps its points, keys, definitions and writers, and leaves nothing behind", arguments: StoreFactory.all)
    func moves(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(project: "a", config: ["lr": 0.5, "deep": ["x": 1]]), other = try await store.newRun(project: "a", config: ["lr": 0.1])
            let extras = BatchExtras(definitions: [MetricDefinition(metric: "acc", goal: .maximize)])
            try await store.log(run, ["loss": [3, 1], "acc": [0.2, 0.4]], steps: [1, 2], extras: extras)
            try await store.log(other, ["loss": [9]], steps: [1])
            _ = try await store.newRun(project: "b")

            let moved = try await store.updateRun(run, UpdateRunRequest(name: "moved", project: "b"))
            #expect(moved.project == "b" && moved.name == "moved" && moved.number == 2 && moved.color == 1)
            #expect(moved.summary?["loss"]?.min == 1 && moved.points == 4)
            #expect(try await store.runs(RunsQuery(project: "b", filter: "config.lr = 0.5 and deep.x = 1 and loss < 2")).runs.map(\.id) == [run])
            #expect(try await store.runs(RunsQuery(project: "b", sort: "summary.loss.min")).runs.map(\.id).first == run)
            #expect(try await store.runs(RunsQuery(project: "a")).runs.map(\.id) == [other])
            #expect(try await store.metrics(project: "b", runs: nil).map { [$0.name, $0.goal?.rawValue] } == [["acc", "maximize"], ["loss", nil]])
            #expect(try await store.metrics(project: "a", runs: nil).map(\.name) == ["loss"])
            #expect(try await store.runKeys(project: "a").map(\.runs) == [1])
            #expect(try await store.runKeys(project: "b").map(\.key) == ["config.deep.x", "config.lr"])

            try await store.log(run, ["loss": [0.5], "new": [7]], steps: [3], sequence: 2)       // who writes it need not know
            #expect(try await store.buckets(run, "loss")?.points == 3)
            #expect(try await store.buckets(run, "new")?.points == 1)
            #expect(try await store.metrics(project: "b", runs: nil).map(\.name) == ["acc", "loss", "new"])
            let resumed = try await store.makeRun(CreateRunRequest(id: run, project: "a", config: ["lr": 0.7], resume: .allow))
            #expect(resumed.run.project == "b" && resumed.attempt == 2 && resumed.run.config?["lr"] == 0.7)
            await #expect(throws: StoreError.self) { try await store.makeRun(CreateRunRequest(id: run, project: "c", resume: .allow)) }
        }
    }

    @Test("has its number and colour again when it comes back, and a chosen colour only where it was chosen", arguments: StoreFactory.all)
    func comesBack(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(project: "a")
            _ = try await store.updateRun(run, UpdateRunRequest(color: 9))
            _ = try await store.newRun(project: "b")
            #expect(try await store.updateRun(run, UpdateRunRequest(project: "b")).color == 1)
            let next = try await store.makeRun(CreateRunRequest(project: "a")).run
            #expect(next.number == 2)                                   // numbers are never given twice
            let back = try await store.updateRun(run, UpdateRunRequest(project: "a"))
            #expect(back.number == 1 && back.color == 9)
            #expect(try await store.updateRun(run, UpdateRunRequest(project: "b")).number == 2)
            #expect(try await store.updateRun(run, UpdateRunRequest(project: "b")).number == 2)
            _ = try await store.deleteProject("b")
            #expect(try await store.projects().map(\.name) == ["a"])
        }
    }

    @Test("is told to both projects, after it is folded too") func told() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)
            let run = try await store.newRun(project: "a")
            try await store.log(run, ["loss": (0..<500).map(Double.init)], steps: Array(0..<500))
            try await store.fold(run)
            let stream = store.changes()
            _ = try await store.updateRun(run, UpdateRunRequest(project: "b"))
            try await store.log(run, ["loss": [7]], steps: [500], sequence: 2)

            var seen: [String] = []
            for await change in stream {
                switch change {
                case .deleted(let project, let id): seen.append("gone from \(project) \(id == run)")
                case .run(let record): seen.append("run in \(record.project)")
                case .rows(let project, _, _, let rows, _, let metrics): seen.append("rows in \(project) \(rows) \(metrics)")
                default: seen.append("unexpected")
                }
                if case .rows = change { break }
            }
            #expect(seen == ["gone from a true", "run in b", "rows in b 501 [\"loss\"]"])
            #expect(try await store.buckets(run, "loss")?.points == 501)
            #expect(try await store.verify().problems.isEmpty)
            try await store.close()
        }
    }
}
