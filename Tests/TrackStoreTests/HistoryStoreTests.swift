import Foundation
import Synchronization
import Testing
import TrackModel
import TrackSeries
import TrackStore

@Suite("A store, what only whole histories tell") struct HistoryStoreTests {
    private func open(_ body: (SQLiteStore) async throws -> Void) async throws {
        var options = StoreOptions()
        options.foldsInBackground = false
        try await withStore(options: options) { try await body($0 as! SQLiteStore) }
    }

    private func value(_ store: SQLiteStore, _ run: RunID, _ metric: String, at other: String) async throws -> BestStepsAnswer.Value? {
        try await store.bestSteps(BestStepsQuery(runs: [run], pairs: [.init(metric: metric, at: other)])).values.first
    }

    @Test("the value at another metric's best step is found wherever points lie: in chunks, in batches, hidden by a later attempt", arguments: [false, true])
    func bestSteps(folds: Bool) async throws {
        try await open { store in
            let run = try await store.newRun(), steps = (0..<5_000).map(Int64.init)
            let accuracy = steps.map { Optional($0 == 3_210 || $0 == 4_100 ? 0.9 : Double($0 % 7) / 10) }
            try await store.log(run, ["acc": accuracy, "train/loss": steps.map { $0 % 100 == 0 ? Double($0) : nil }], steps: steps)
            if folds { try await store.fold(run) }
            let found = try #require(try await value(store, run, "train/loss", at: "acc"))
            #expect((found.best, found.bestStep, found.value, found.step) == (0.9, 3_210, .number(3_200), 3_200))       // the first of equal ones; the value as it stood then

            try await store.log(run, ["val/loss": [3, .nan, 1, .infinity, 1], "acc": [0.1, 0.2, 0.3, 0.95, 0.4]], steps: [5_000, 5_001, 5_002, 5_003, 5_004], sequence: 2)
            #expect(try await value(store, run, "acc", at: "val/loss")?.value == .number(0.3))                        // of a loss the least is best, without a word
            #expect(try await value(store, run, "val/loss", at: "acc")?.value == .number(.infinity))
            #expect(try await value(store, run, "acc", at: "acc")?.bestStep == 5_003)

            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 3_000))
            let after = try #require(try await value(store, run, "train/loss", at: "acc"))
            #expect(after.best == 0.6 && after.bestStep == 6 && after.value == .number(0))
        }
    }

    @Test("where the other metric has no finite value, or the metric no point until then, there is none") func missing() async throws {
        try await open { store in
            let run = try await store.newRun()
            try await store.log(run, ["acc": [0.5, 0.1], "nothing": [.nan, .nan]], steps: [1, 2])
            try await store.log(run, ["later": [7]], steps: [9], sequence: 2)

            #expect(try await value(store, run, "acc", at: "nothing") == nil)
            #expect(try await value(store, run, "later", at: "acc") == nil)
            #expect(try await value(store, run, "acc", at: "unheard") == nil)
            #expect(try await store.bestSteps(BestStepsQuery(runs: [RunID("aaaaaaaa")!], pairs: [.init(metric: "a", at: "a")])).values.isEmpty)
            await #expect(throws: StoreError.self) { try await store.bestSteps(BestStepsQuery(runs: [], pairs: [.init(metric: "a", at: "a")])) }
            await #expect(throws: StoreError.self) { try await store.bestSteps(BestStepsQuery(runs: [run], pairs: [])) }
        }
    }

    @Test("points that came after greater steps are counted, whether folded or not; those of a new attempt are not late") func late() async throws {
        try await open { store in
            let run = try await store.newRun(), steps = (0..<3_000).map(Int64.init)
            func log(_ steps: [Int64], at time: Int64, _ sequence: UInt64, attempt: Int = 1) async throws {
                let column = Batch.Column(name: "loss", values: steps.map(Double.init))
                _ = try await store.append(try EncodedBatch(Batch(attempt: attempt, writer: "w", sequence: sequence, steps: steps,
                                                                  times: steps.indices.map { time + Int64($0) }, columns: [column])), to: run)
                _ = try await store.runs(RunsQuery(project: "p"))               // lists settle what is summed up
            }
            try await log(steps.filter { $0 != 100 && $0 != 2_500 }, at: 1_000_000, 1)
            try await store.fold(run)
            #expect(try await store.buckets(run, "loss")?.late == 0)

            try await log([100, 2_500, 7], at: 9_000_000, 2)                    // two were missing, one is logged again
            #expect(try await store.buckets(run, "loss")?.late == 3)
            try await store.fold(run)
            #expect(try await store.buckets(run, "loss")?.late == 3)
            #expect(try await store.buckets(run, "loss", { $0.buckets = 10_000 })?.points == 3_000)
            #expect(try await store.run(run).repeated == 1)                     // the step that was logged again
            #expect(try await store.runs(RunsQuery(project: "p")).runs.map(\.repeated) == [1])

            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 2_000))
            try await log([2_000, 2_001], at: 20_000_000, 3, attempt: 2)
            #expect(try await store.buckets(run, "loss")?.late == 2)            // the one that is hidden now is late no more
            #expect(try await store.run(run).repeated == nil)                   // what is hidden cannot be told from what was logged again
        }
    }

    @Test("an export may be of some metrics only") func someMetrics() async throws {
        try await open { store in
            let run = try await store.newRun(), text = Mutex("")
            try await store.log(run, ["a": [1, 2], "b": [3, 4]], steps: [1, 2])

            let name = try await store.run(run).name
            let count = try await store.export([run], metrics: ["b", "unheard"], as: .csv) { bytes in text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
            #expect(count == 2 && text.withLock { $0 } == "run,name,metric,step,time_us,value\n\(run),\(name),b,1,1000000,3.0\n\(run),\(name),b,2,2000000,4.0\n")
        }
    }
}
