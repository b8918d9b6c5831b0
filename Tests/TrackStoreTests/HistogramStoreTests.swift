import GRDB
import SeededRandom
import Testing
import TrackModel
@testable import TrackStore

@Suite("A store, histograms of many runs") struct HistogramStoreTests {
    @Test("what cannot be answered is refused, and says why", arguments: StoreFactory.all)
    func refusals(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(), many = store as! any HistogramStore
            let runs = [RunID](repeating: run, count: 20)
            let refused: [(HistogramsQuery, String)] = [
                (.init(runs: [], names: ["w"]), "runs is \"0 runs\": it is 1 … 1000."),
                (.init(runs: [RunID](repeating: run, count: 1_001), names: ["w"]), "runs is \"1001 runs\": it is 1 … 1000."),
                (.init(runs: [run], names: []), "names is \"0 names\": it is 1 … 20."),
                (.init(runs: [run], names: ["w"], limit: 0), "limit is \"0\": it is 1 … 1000."),
                (.init(runs: [run], names: ["w"], limit: 1_001), "limit is \"1001\": it is 1 … 1000."),
                (.init(runs: [run], names: ["w"], mostRuns: 0), "mostRuns is \"0\": it is 1 … 1000."),
                (.init(runs: [run], names: ["w"], from: 5, to: 4), "from is \"5\": it is greater than to, 4."),
                (.init(runs: runs, names: ["v", "w"], limit: 500),
                 "limit is \"500\": with these runs and names it may come to 20000 slices, 10000 are answered; ask for fewer, or set mostRuns."),
            ]
            for (query, message) in refused {
                let error = await #expect(throws: StoreError.self) { try await many.histograms(query) }
                #expect(error?.description == message)
            }
            _ = try await many.histograms(.init(runs: runs, names: ["v", "w"], limit: 500, mostRuns: 10))
            await #expect(throws: StoreError.unknownProject("q")) { try await many.histogramNames(project: "q", runs: nil, filter: nil) }
            await #expect(throws: StoreError.self) { try await many.histogramNames(project: "p", runs: nil, filter: "lr <") }
        }
    }

    @Test("names are those of the runs that lists show, of the runs asked for, or of those that a filter lets through", arguments: StoreFactory.all)
    func names(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let many = store as! any HistogramStore
            let one = try await store.newRun(config: ["lr": 0.1]), two = try await store.newRun(config: ["lr": 0.2]), other = try await store.newRun(project: "q")
            try await store.log(one, histograms: [("w", 1), ("w", 5), ("v", 2)])
            try await store.log(two, histograms: [("w", 9)])
            try await store.log(other, histograms: [("x", 1)])
            func names(_ project: String = "p", _ runs: [RunID]? = nil, _ filter: String? = nil) async throws -> [String] {
                try await many.histogramNames(project: project, runs: runs, filter: filter).map { "\($0.name) \($0.runs) \($0.lastStep)" }
            }

            #expect(try await many.histogramNames(project: "p", runs: nil, filter: nil) ==
                    [.init(name: "v", runs: 1, lastStep: 2, lastSeenAt: 2), .init(name: "w", runs: 2, lastStep: 9, lastSeenAt: 9)])
            #expect(try await names("p", [one]) == ["v 1 2", "w 1 5"])
            #expect(try await names("p", [one, two, other], "lr > 0.15") == ["w 1 9"])
            _ = try await store.updateRun(one, UpdateRunRequest(archived: true))
            #expect(try await names() == ["w 1 9"])
            #expect(try await names("p", nil, "archived:true") == ["v 1 2", "w 1 5"])
            _ = try await store.updateRun(one, UpdateRunRequest(archived: false, project: "q"))
            #expect(try await names() == ["w 1 9"])
            #expect(try await names("q") == ["v 1 2", "w 1 5", "x 1 1"])
            _ = try await store.deleteRun(one)
            #expect(try await names("q") == ["x 1 1"])
            _ = try await store.deleteProject("q")
            #expect(try await (store as! SQLiteStore).read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM histogram_series") } == 1)
        }
    }

    @Test("the catalogue counts steps as they are shown, whatever is logged late, twice, or hidden by a later attempt", arguments: 1...6 as ClosedRange<UInt64>)
    func catalogue(seed: UInt64) async throws {
        try await withStore { store in
            let run = try await store.newRun()
            var random = SeededRandom(seed: seed), attempt = 1, logged: [(attempt: Int, step: Int64)] = [], resumed: [Int64] = [0]
            for sequence in 1...30 {
                if random.below(5) == 0 {
                    resumed.append(Int64(random.below(60)))
                    attempt = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: resumed.last)).attempt
                }
                let writer = random.below(4) == 0 ? max(1, attempt - 1) : attempt               // an older process may still write
                let steps = (0..<3).map { _ in Int64(random.below(60)) }
                try await store.log(run, histograms: steps.map { ("w", $0) }, sequence: UInt64(sequence), attempt: writer)
                logged += steps.map { (writer, $0) }

                let shown = Set(logged.filter { point in !resumed.indices.contains { $0 + 1 > point.attempt && resumed[$0] <= point.step } }.map(\.step))
                let expected = shown.isEmpty ? [] : [HistogramSummary(name: "w", count: shown.count, firstStep: shown.min()!, lastStep: shown.max()!)]
                #expect(try await store.histogramNames(run) == expected)
                let answer = try await (store as! any HistogramStore).histograms(.init(runs: [run], names: ["w"], limit: 100))
                #expect(answer.histograms.first?.slices.map(\.step) ?? [] == shown.sorted())
            }
            #expect(try await (store as! SQLiteStore).verify().problems.isEmpty)
        }
    }

    @Test("a catalogue that says something else is found by verify", arguments: [
        "UPDATE histogram_series SET steps = 3", "UPDATE histogram_series SET last_step = 9", "DELETE FROM histogram_series", "DELETE FROM histogram",
    ])
    func verifies(damage: String) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun()
            try await store.log(run, histograms: [("w", 1), ("w", 5)])
            try await store.write { _, db in try db.execute(sql: damage) }

            let problems = try await store.verify().problems.map(\.description)

            #expect(problems == ["run \(run): histograms \"w\" are not as the list of the run's histograms says"])
        }
    }

    @Test("databases from before are given their catalogue") func migrates() async throws {
        try await withFolder { folder in
            let before = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)
            let run = try await before.newRun()
            try await before.log(run, histograms: [("w", 1), ("w", 7), ("v", 3)])
            _ = try await before.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 5))
            let names = try await before.histogramNames(run)
            try await before.write { _, db in try db.execute(sql: "DROP TABLE histogram_series; DELETE FROM migration WHERE name = '0013_histogram_series'") }
            try await before.close()

            let after = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)
            #expect(try await after.histogramNames(run) == names && names.map(\.count) == [1, 1] && names.map(\.lastStep) == [3, 1])
            try await after.close()
        }
    }

    @Test("slices are chosen at even distances of steps, first and last kept, and of the first runs that have some", arguments: StoreFactory.all)
    func slices(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let many = store as! any HistogramStore, first = try await store.newRun(), second = try await store.newRun(), none = try await store.newRun()
            // A hundred steps close together, then ten far apart.
            let steps = (0..<100).map(Int64.init) + (1...10).map { 90 + 100 * Int64($0) }
            try await store.log(first, histograms: steps.map { ("w", $0) })
            try await store.log(second, histograms: [("w", 4), ("w", 8), ("v", 1)])
            func slices(_ change: (inout HistogramsQuery) -> Void) async throws -> [[Int64]] {
                var query = HistogramsQuery(runs: [none, first, RunID("aaaaaaaa")!, second], names: ["w"])
                change(&query)
                return try await many.histograms(query).histograms.map { $0.slices.map(\.step) }
            }

            #expect(try await slices { $0.limit = 110 } == [steps, [4, 8]])
            #expect(try await slices { $0.limit = 11 } == [[0, 190, 290, 390, 490, 590, 690, 790, 890, 990, 1_090], [4, 8]])
            #expect(try await slices { $0.limit = 1 } == [[1_090], [8]])
            #expect(try await slices { $0.limit = 2 } == [[0, 1_090], [4, 8]])
            #expect(try await slices { ($0.from, $0.to, $0.limit) = (10, 12, 3) } == [[10, 11, 12], []])
            #expect(try await slices { ($0.from, $0.to, $0.limit) = (10, 50, 3) } == [[10, 30, 50], []])
            let answer = try await many.histograms(.init(runs: [none, first, second], names: ["v", "w", "x"], mostRuns: 1))
            #expect(answer.names == [.init(name: "v", runs: 1), .init(name: "w", runs: 2), .init(name: "x", runs: 0)])
            #expect(answer.histograms.map(\.run) == [second, first] && answer.histograms.map(\.total) == [1, 110])
            #expect(answer.histograms[0].slices == [.sample("v", 1)])
        }
    }

    @Test("steps at the ends of the numbers are told apart") func extremes() async throws {
        try await withStore { store in
            let run = try await store.newRun()
            try await store.log(run, histograms: [Int64.min, -5, 0, 5, .max].map { ("w", $0) })

            let answer = try await (store as! any HistogramStore).histograms(.init(runs: [run], names: ["w"], limit: 3))

            #expect(answer.histograms[0].slices.map(\.step) == [.min, 0, .max])
        }
    }

    @Test("lists of names do not touch the histograms, and slices go by their key") func plans() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore
            let names = try await store.plan("SELECT histogram_series.name, COUNT(*) FROM run JOIN histogram_series ON run_id = run.id WHERE project_id = 1 GROUP BY histogram_series.name")
            #expect(names.contains("histogram_series USING PRIMARY KEY (run_id=?)") && names.contains("run_by_project_created") && !names.contains("SCAN"), "\(names)")
            for order in ["ASC", "DESC"] {
                let plan = try await store.plan("""
                    SELECT step, MAX(attempt), time_us, bins FROM histogram
                    WHERE run_id = 1 AND name = 'w' AND step BETWEEN 1 AND 9 AND \(HistogramSeries.visible) GROUP BY step ORDER BY step \(order) LIMIT 1
                    """)
                #expect(plan.contains("PRIMARY KEY (run_id=? AND name=? AND step>? AND step<?)") && !plan.contains("TEMP B-TREE"), "\(plan)")
            }
        }
    }
}

extension HistogramRecord {
    fileprivate static func sample(_ name: String, _ step: Int64) -> HistogramRecord {
        HistogramRecord(name: name, step: step, time: 1_000 * (step == .min || step == .max ? 0 : step), edges: [0, 1, 2], counts: [3, 4], min: 0, max: 2, sum: 7, count: 7)
    }
}

extension Store {
    /// Histograms of these names and steps; a step's time is as many milliseconds.
    fileprivate func log(_ run: RunID, histograms: [(name: String, step: Int64)], sequence: UInt64 = 1, attempt: Int = 1) async throws {
        try await log(run, [:], steps: [], sequence: sequence, attempt: attempt, extras: BatchExtras(histograms: histograms.map { .sample($0.name, $0.step) }))
    }
}
