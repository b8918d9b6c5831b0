import Foundation
import SeededRandom
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

/// Keeps what a reading hands over.
private struct Collector: PointReader {
    var steps: [String: [Int64]] = [:]
    var values: [String: [Double]] = [:]
    var goals: [String: MetricDefinition.Goal] = [:]
    var forgotten = 0

    mutating func forget() {
        (steps, values) = ([:], [:])
        forgotten += 1
    }
    func lastStep(of metric: String) -> Int64? { steps[metric]?.last }
    mutating func take(_ points: SeriesPoints, of metric: String, goal: MetricDefinition.Goal?) {
        steps[metric, default: []] += points.steps
        values[metric, default: []] += points.values
        goals[metric] = goal
    }
}

@Suite("New points of a run") struct NewPointTests {
    @Test("are handed over once, in step order, folded meanwhile or not") func once() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun()
            var random = SeededRandom(seed: 4), collector = Collector(), mark: ExaminationMark?, next: Int64 = 0, sequence: UInt64 = 0
            for _ in 0..<40 {
                let steps = (0..<Int64(1 + random.below(60))).map { next + $0 }
                (next, sequence) = (next + Int64(steps.count), sequence + 1)
                try await store.log(run, ["a": steps.map(Double.init), "b": steps.map { $0.isMultiple(of: 3) ? Double($0) : nil }], steps: steps, sequence: sequence)
                if random.below(4) == 0 { try await store.fold(run) }
                if random.below(3) > 0 {
                    let before = collector.steps["a"]?.count ?? 0
                    let reading = try store.readNew(of: run, after: mark, into: &collector)
                    mark = reading.mark
                    #expect(reading.points >= collector.steps["a"]!.count - before)
                }
            }
            let reading = try store.readNew(of: run, after: mark, into: &collector)

            #expect(collector.forgotten == 1)                                    // the first reading begins anew
            #expect(collector.steps["a"] == Array(0..<next) && collector.values["a"] == (0..<next).map(Double.init))
            #expect(collector.steps["b"] == (0..<next).filter { $0.isMultiple(of: 3) })
            let nothing = try store.readNew(of: run, after: reading.mark, into: &collector)
            #expect(nothing.points == 0 && nothing.mark == reading.mark)
        }
    }

    @Test("begin anew after a late step, and go on from there") func late() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun()
            var collector = Collector()
            try await store.log(run, ["a": [1, 2, 4]], steps: [1, 2, 4])
            var mark = try store.readNew(of: run, after: nil, into: &collector).mark

            try await store.log(run, ["a": [3]], steps: [3], sequence: 2)
            mark = try store.readNew(of: run, after: mark, into: &collector).mark
            #expect(collector.steps["a"] == [1, 2, 3, 4] && collector.forgotten == 2)

            try await store.log(run, ["a": [5]], steps: [5], sequence: 3)
            mark = try store.readNew(of: run, after: mark, into: &collector).mark
            _ = try await store.run(run)                                         // the tables have caught up
            try await store.log(run, ["a": [6]], steps: [6], sequence: 4)
            _ = try store.readNew(of: run, after: mark, into: &collector)
            #expect(collector.steps["a"] == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("leave out what a later attempt hides, and tell state, config and goals") func resumed() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun(config: ["lr": 0.1])
            let definitions = BatchExtras(definitions: [MetricDefinition(metric: "a*", goal: .maximize)])
            try await store.log(run, ["a": [1, 2, 3]], steps: [1, 2, 3], extras: definitions)
            var collector = Collector()
            let first = try store.readNew(of: run, after: nil, into: &collector)
            #expect(first.state == .running && first.config == ["lr": 0.1] && collector.goals["a"] == .maximize)

            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 2))
            try await store.log(run, ["a": [20, 30]], steps: [2, 3], writer: "x", attempt: 2)
            _ = try store.readNew(of: run, after: first.mark, into: &collector)

            #expect(collector.steps["a"] == [1, 2, 3] && collector.values["a"] == [1, 20, 30])
            #expect(throws: StoreError.unknownRun("aaaaaaaa")) { _ = try store.readNew(of: RunID("aaaaaaaa")!, after: nil, into: &collector) }
        }
    }
}

@Suite("Kept findings") struct KeptFindingTests {
    private let nan = Finding(.nan, .error, metric: "train/loss", steps: 5...9, numbers: [.init("points", .infinity), .init("best", 0.25)])
    private let spike = Finding(.spike, .warning, metric: "train/loss", steps: 3...3)

    @Test("come back newest first, are counted in lists, and outlive the server") func kept() async throws {
        try await withFolder { folder in
            var store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations), run = RunID(), changes: [Bool] = []
            run = try await store.newRun()
            changes.append(try store.keepExamination(nil, findings: [spike, nan, Finding(.plateau, .info, metric: "b")], of: run))
            changes.append(try store.keepExamination(nil, findings: [nan, spike], of: run))
            changes.append(try store.keepExamination(nil, findings: [nan, spike], of: run))
            try await store.close()
            store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)

            let found = try await store.findings(run), record = try await store.run(run)
            #expect(changes == [true, true, false])
            #expect(found.map(\.kind) == [.nan, .spike] && found[0].numbers == nan.numbers && found[0].firstStep == 5 && found[0].foundAt > 0)
            #expect(record.findings == ["nan": 1, "spike": 1] && record.health == .error)
            #expect(try await store.findings(project: "p", limit: 1).map(\.run) == [run])
            await #expect(throws: StoreError.unknownProject("q")) { _ = try await store.findings(project: "q", limit: 1) }
            try await store.close()
        }
    }

    @Test("filter runs by kind and by severity", arguments: [
        ("health:nan", 1), ("health:spike", 2), ("health:error", 1), ("health:warning", 1), ("health is missing", 1), ("health in (nan, plateau)", 1), ("not health:spike", 1),
    ])
    func filter(text: String, count: Int) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, runs = [try await store.newRun(), try await store.newRun(), try await store.newRun()]
            try store.keepExamination(nil, findings: [nan, spike], of: runs[0])
            try store.keepExamination(nil, findings: [spike], of: runs[1])

            #expect(try await store.runs(RunsQuery(project: "p", filter: text)).matched == count, "\(text)")
        }
    }

    @Test("that are muted are listed and count nowhere, in one run or in all") func muted() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, runs = [try await store.newRun(), try await store.newRun()]
            for run in runs { try store.keepExamination(nil, findings: [nan, spike], of: run) }

            try await store.mute(.nan, metric: "train/loss", in: runs[0], true)
            try await store.mute(.nan, metric: "train/loss", in: runs[0], true)
            try await store.mute(.spike, metric: "", project: "p", true)
            try await store.mute(.spike, metric: "another", in: runs[1], true)

            let (first, second) = (try await store.run(runs[0]), try await store.run(runs[1]))
            #expect(first.findings == [:] && first.health == nil && second.findings == ["nan": 1] && second.health == .error)
            #expect(try await store.findings(runs[0]).map(\.muted) == [.run, .project])
            #expect(try await store.findings(project: "p", limit: 9).map(\.kind) == [.nan])
            try store.keepExamination(nil, findings: [nan], of: runs[0])
            #expect(try await store.run(runs[0]).health == nil)                              // found anew, still muted

            try await store.mute(.nan, metric: "train/loss", in: runs[0], false)
            #expect(try await store.run(runs[0]).health == .error)
        }
    }

    @Test("name the runs that wait to be looked at: new, grown, or in another state") func waiting() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun()
            var collector = Collector()
            #expect(try store.unexamined(limit: 9) == [run])

            try await store.log(run, ["a": [1]], steps: [1])
            _ = try await store.run(run)
            try store.keepExamination(try store.readNew(of: run, after: nil, into: &collector).mark, findings: [], of: run)
            #expect(try store.unexamined(limit: 9) == [])

            try await store.log(run, ["a": [2]], steps: [2], sequence: 2)
            _ = try await store.run(run)
            #expect(try store.unexamined(limit: 9) == [run])
            try store.keepExamination(try store.readNew(of: run, after: nil, into: &collector).mark, findings: [], of: run)
            _ = try await store.finishRun(run, FinishRunRequest())
            #expect(try store.unexamined(limit: 9) == [run])
        }
    }

    @Test("tell which running runs fell silent or came back, by an index of the running ones") func silence() async throws {
        try await withStore { store in
            let store = store as! SQLiteStore, run = try await store.newRun(), ended = try await store.newRun()
            _ = try await store.finishRun(ended, FinishRunRequest())
            let later = milliseconds() + 1_000

            #expect(try store.runsWithChangedSilence(before: 1) == [])
            #expect(try store.runsWithChangedSilence(before: later) == [run])
            try store.keepExamination(nil, findings: [Finding(.silent, .warning)], of: run)
            #expect(try store.runsWithChangedSilence(before: later) == [])
            #expect(try store.runsWithChangedSilence(before: 1) == [run])
            #expect(try await store.plan(SQLiteStore.silenceSQL.replacing(":limit", with: "1")).contains("run_running"))
        }
    }
}
