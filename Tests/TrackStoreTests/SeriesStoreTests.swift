import Foundation
import Testing
import TrackModel
import TrackSeries
import TrackStore

@Suite("A store, series against a slow reference") struct SeriesStoreTests {
    @Test("random batches, late, repeated, of several writers and attempts, folded at any time, are what they should be", arguments: [2, 6, 7])
    func random(seed: Int) async throws {
        var options = StoreOptions()
        options.foldsInBackground = false
        try await withStore(options: options) { store in
            let store = store as! SQLiteStore
            var random = Random(seed: UInt64(seed)), reference = Reference(), step: Int64 = Int64(random.below(1_000)) - 500
            let run = try await store.newRun()
            for round in 0..<16 {
                if random.below(6) == 0 {
                    let resumeStep: Int64? = step - Int64(random.below(300))
                    _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: resumeStep))
                    reference.resume(at: resumeStep)
                    step = resumeStep!
                }
                let attempt = random.below(8) == 0 ? 1 + random.below(reference.attempts.count) : reference.attempts.count
                let batch = try batch(&random, &reference, &step, attempt)
                _ = try await store.append(batch, to: run)
                if random.below(4) == 0 { try await store.fold(run) }
                if round % 8 == 7 { try await check(store, run, reference, &random) }
            }
            try await store.fold(run)
            try await check(store, run, reference, &random)
        }
    }

    private func batch(_ random: inout Random, _ reference: inout Reference, _ step: inout Int64, _ attempt: Int) throws -> EncodedBatch {
        let rows = random.below(6) == 0 ? 2_000 : random.below(150), late = random.below(4) == 0
        let steps = (0..<rows).map { _ -> Int64 in
            if late { return step - Int64(random.below(2_000)) }
            step += 1 + (random.below(20) == 0 ? Int64(random.below(50)) : 0)
            return step
        }
        var columns: [String: [Double?]] = [:]
        for name in ["a", "b", "c"] where name == "a" || random.below(2) == 0 {
            columns[name] = steps.map { _ in name == "b" && random.below(3) == 0 ? nil : random.value() }
        }
        let base = 1_700_000_000_000_000 + step * 1_000_000
        return try reference.batch(columns, steps: steps, times: steps.indices.map { base + Int64($0) * 1_000 }, writer: "w\(random.below(3))", attempt: attempt)
    }

    private func check(_ store: SQLiteStore, _ run: RunID, _ reference: Reference, _ random: inout Random) async throws {
        let record = try await store.run(run)
        for metric in ["a", "b", "c"] {
            if let problem = reference.check(record.summary?[metric], metric) { Issue.record("\(metric): \(problem)") }
            for buckets in [1, 7, 10_000] {
                guard let series = try await store.buckets(run, metric, { $0.buckets = buckets }) else {
                    #expect(reference.points(metric).isEmpty)
                    continue
                }
                if let problem = reference.check(series, metric) { Issue.record("\(metric) in \(buckets): \(problem)") }
                let low = series.firstX! + random.unit() * 2_000, high = low + random.unit() * 5_000
                if let zoomed = try await store.buckets(run, metric, { ($0.buckets, $0.from, $0.to) = (buckets, low, high) }),
                   let problem = reference.check(zoomed, metric, from: low, to: high) { Issue.record("\(metric) zoomed in \(buckets): \(problem)") }
            }
        }
    }

    @Test("long series are read from records and stay exact, with every spike", arguments: [true, false])
    func long(ascendingTimes: Bool) async throws {
        var options = StoreOptions()
        options.foldsInBackground = false
        try await withStore(options: options) { store in
            let store = store as! SQLiteStore
            var random = Random(seed: 9), reference = Reference()
            let run = try await store.newRun(), count = 40_000
            for start in stride(from: 0, to: count, by: 20_000) {
                let steps = (start..<(start + 20_000)).map { Int64($0) * 2 }
                let values = steps.map { step in step % 7_331 == 0 ? 1_000 : random.unit() } as [Double?]
                let times = steps.map { 1_700_000_000_000_000 + $0 * (ascendingTimes || $0 % 10 > 0 ? 1_000 : 900) }
                _ = try await store.append(try reference.batch(["a": values], steps: steps, times: times, writer: "w", attempt: 1), to: run)
            }
            try await store.fold(run)

            for (buckets, from, to) in [(10, nil, nil), (100, nil, nil), (200, 3_001.5, 70_000.0), (10, 50_000, nil)] as [(Int, Double?, Double?)] {
                let series = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.from, $0.to) = (buckets, from, to) })
                #expect(reference.check(series, "a", from: from ?? -.infinity, to: to ?? .infinity) == nil)
                if from == nil { #expect(series.columns.max!.count { $0 == 1_000 } == 6) }
            }
            let wall = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.x) = (100, "wall") })
            #expect(reference.check(wall, "a", x: { Double($1) / 1e6 }) == nil)
            let started = try await store.run(run).startedAt
            let relative = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.x) = (7, "relative") })
            #expect(reference.check(relative, "a", x: { Double($1 - started * 1_000) / 1e6 }) == nil)
            let logarithmic = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.scale) = (30, "log") })
            #expect(reference.check(logarithmic, "a", from: 1) == nil)
        }
    }

    @Test("any metric serves as x; rows without it are left out", arguments: [false, true])
    func metricAxis(folded: Bool) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore
            let run = try await store.newRun()
            try await store.log(run, ["epoch": [3, 2, nil, 1, .nan], "a": [30, 20, 99, 10, 99]], steps: [1, 2, 3, 4, 5])
            if folded { try await store.fold(run) }

            let series = try #require(try await store.buckets(run, "a") { $0.x = "metric:epoch" })
            #expect(series.columns.x0 == [1, 2, 3] && series.columns.mean == [10, 20, 30] && series.firstX == 1 && series.lastX == 3)
            let missing = try await store.series(SeriesQuery(runs: [run], metrics: ["a", "zzz"], x: "metric:nothing")).missing
            #expect(missing.map(\.reason) == [.noX, .notLogged])
        }
    }

    @Test("running time stands still between attempts, relative wall time goes on", arguments: [false, true])
    func runningTime(folded: Bool) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore
            let run = try await store.newRun()
            func log(_ steps: [Int64], attempt: Int, sequence: UInt64, secondsAfter start: Int64, _ seconds: [Int64]) async throws {
                let times = seconds.map { start * 1_000 + $0 * 1_000_000 }
                let batch = Batch(attempt: attempt, writer: "w\(attempt)", sequence: sequence, steps: steps, times: times, columns: [.init(name: "a", values: steps.map(Double.init))])
                _ = try await store.append(try EncodedBatch(batch), to: run)
            }
            let first = try await store.run(run).startedAt
            try await log([1, 2, 3], attempt: 1, sequence: 1, secondsAfter: first, [10, 20, 30])
            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 3))
            // Also a process that resumed at once: its rows come an hour after its start, so that nothing depends on this machine's pace.
            let second = try #require(try await store.run(run).attempts?.last?.startedAt)
            try await log([3, 4], attempt: 2, sequence: 1, secondsAfter: second, [3_600, 3_605])
            if folded { try await store.fold(run) }

            let running = try #require(try await store.buckets(run, "a") { ($0.x, $0.buckets) = ("running", 10_000) })
            #expect(running.columns.x0 == [10, 20, 3_630, 3_635] && running.columns.mean == [1, 2, 3, 4] && running.lastX == 3_635)
            let relative = try #require(try await store.buckets(run, "a") { ($0.x, $0.buckets) = ("relative", 10_000) })
            let later: [Int64] = [3_600, 3_605], away = (second - first) * 1_000
            let after: [Double] = later.map { seconds in Double(away + seconds * 1_000_000) / 1e6 }
            #expect(relative.columns.x0 == [10.0, 20.0] + after)
            #expect(try await store.run(run).attempts?.map(\.ranBefore) == [nil, 30_000])
            let zoomed = try #require(try await store.buckets(run, "a") { ($0.x, $0.from, $0.to) = ("running", 15, 3_631) })
            #expect(zoomed.columns.mean == [2, 3])
        }
    }

    @Test("smoothed values do not change with zoom or buckets", arguments: SeriesQuery.Smoothing.Kind.allCases)
    func smoothing(kind: SeriesQuery.Smoothing.Kind) async throws {
        try await withStore { store in
            let store = store as! SQLiteStore
            var random = Random(seed: 4)
            let run = try await store.newRun(), steps = (0..<3_000).map(Int64.init)
            try await store.log(run, ["a": steps.map { $0 % 100 == 7 ? .nan : random.unit() }], steps: steps)
            let smoothing = SeriesQuery.Smoothing(kind: kind, amount: kind == .average ? 31 : 0.9)
            let whole = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.smoothing) = (10_000, smoothing) })
            try await store.fold(run)

            let coarse = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.smoothing) = (20, smoothing) })
            let zoomed = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.smoothing, $0.from, $0.to) = (50, smoothing, 1_000, 1_500) })

            let exact = Dictionary(uniqueKeysWithValues: zip(whole.columns.x1!, whole.columns.smoothed!))
            for series in [coarse, zoomed] {
                for (x, value) in zip(series.columns.x1!, series.columns.smoothed!) where !value.isNaN { #expect(abs(value - exact[x]!) < 1e-9) }
                #expect(series.columns.smoothed!.count { !$0.isNaN } > 15)
            }
        }
    }

    @Test("only what changed is sent again, and puts together what a whole answer would hold") func deltas() async throws {
        var options = StoreOptions()
        options.foldsInBackground = false
        try await withStore(options: options) { store in
            let store = store as! SQLiteStore
            let run = try await store.newRun()
            var sequence: UInt64 = 0, reference = Reference(), merged: BucketSeries?
            for round in 0..<30 {
                let steps = (0..<50).map { Int64(round * 50 + $0) }
                sequence += 1
                _ = try await store.append(try reference.batch(["a": steps.map { Double($0 * $0 % 97) }], steps: steps, times: steps, writer: "w", attempt: 1), to: run)
                let answer = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.since) = (40, [merged?.cursor ?? ""]) })
                #expect(round == 0 || answer.delta || answer.points == (round + 1) * 50)
                merged = answer.delta ? answer.appended(to: merged!) : answer
                #expect(reference.check(merged!, "a") == nil && merged!.bucketCount <= 80)
                if round % 7 == 3 { try await store.fold(run) }
            }
            let unchanged = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.since) = (40, [merged!.cursor!]) })
            #expect(unchanged.delta && unchanged.bucketCount == 1)
            _ = try await store.append(try reference.batch(["a": [5]], steps: [3], times: [3], writer: "w", attempt: 1), to: run)
            let whole = try #require(try await store.buckets(run, "a") { ($0.buckets, $0.since) = (40, [merged!.cursor!]) })
            #expect(!whole.delta && reference.check(whole, "a") == nil)
        }
    }

    @Test("groups average over all runs at equal x, never beyond a run's ends") func groups() async throws {
        try await withStore { store in
            let a = try await store.newRun(config: ["model": "vit"]), b = try await store.newRun(config: ["model": "vit"]), c = try await store.newRun()
            try await store.log(a, ["loss": [0, 2, 4]], steps: [0, 2, 4])
            try await store.log(b, ["loss": [10, 11, 12, 13, 14, 15, 99]], steps: [0, 1, 2, 3, 4, 5, 6])
            try await store.log(c, ["loss": [7]], steps: [3])

            let answer = try await store.series(SeriesQuery(runs: [a, b, c], metrics: ["loss"], buckets: 7, group: .init(by: ["config.model"], band: .std)))
            #expect(answer.series.count == 2 && answer.series[0].group == ["config.model": "vit"] && answer.series[1].group == ["config.model": nil])
            let vit = answer.series[0]
            #expect(vit.run == nil && vit.members == [a, b] && vit.columns.x0 == [0, 1, 2, 3, 4, 5, 6])
            #expect(vit.columns.runs == [2, 2, 2, 2, 2, 1, 1] && vit.columns.mean == [5, 6, 7, 8, 9, 15, 99])
            let half = 50.0.squareRoot()
            #expect(abs(vit.columns.high![0] - (5 + half)) < 1e-12 && vit.columns.low![5] == 15 && vit.columns.min![0] == 0)
            #expect(answer.series[1].columns.mean == [7])
        }
    }

    @Test("percentiles are those of the points in range") func percentiles() async throws {
        try await withStore { store in
            let run = try await store.newRun(), steps = (0...100).map(Int64.init)
            try await store.log(run, ["a": steps.map { Double($0) }], steps: steps)

            #expect(try await store.buckets(run, "a") { $0.percentiles = [0, 1, 50, 100] }?.percentiles == [0, 1, 50, 100])
            #expect(try await store.buckets(run, "a") { ($0.percentiles, $0.from, $0.to) = ([50], 10, 20) }?.percentiles == [15])
        }
    }

    @Test("an answer's version stands while nothing changes, and only for runs that ended") func versions() async throws {
        try await withStore { store in
            let run = try await store.newRun(), query = SeriesQuery(runs: [run], metrics: ["a"])
            try await store.log(run, ["a": [1]], steps: [1])
            #expect(try await store.seriesVersion(query) == nil)
            _ = try await store.finishRun(run, FinishRunRequest())
            let version = try #require(try await store.seriesVersion(query))
            #expect(try await store.seriesVersion(query) == version)
            try await store.log(run, ["a": [2]], steps: [2], sequence: 2)
            #expect(try await store.seriesVersion(query) != version)
        }
    }

    @Test("queries that cannot be answered are refused", arguments: [
        SeriesQuery(runs: [], metrics: ["a"]), SeriesQuery(runs: [RunID()], metrics: []), SeriesQuery(runs: [RunID()], metrics: ["a"], x: "epoch"),
        SeriesQuery(runs: [RunID()], metrics: ["a"], buckets: 0), SeriesQuery(runs: [RunID()], metrics: ["a"], buckets: 10_001),
        SeriesQuery(runs: [RunID()], metrics: ["a"], from: 2, to: 1), SeriesQuery(runs: [RunID()], metrics: ["a"], scale: "cubic"),
        SeriesQuery(runs: [RunID()], metrics: ["a"], smoothing: .init(kind: .ema, amount: 1)), SeriesQuery(runs: [RunID()], metrics: ["a"], percentiles: [101]),
        SeriesQuery(runs: [RunID()], metrics: ["a"], since: ["a", "b"]), SeriesQuery(runs: [RunID()], metrics: ["a"], columns: ["median"]),
    ])
    func refused(query: SeriesQuery) async throws {
        try await withStore { store in
            _ = await #expect(throws: StoreError.self) { try await store.series(query) }
        }
    }
}

extension BucketSeries {
    /// What a page does with a delta.
    func appended(to earlier: BucketSeries) -> BucketSeries {
        var merged = self
        let kept = earlier.columns.x0!.firstIndex { $0 >= columns.x0![0] } ?? earlier.bucketCount
        func join<Number>(_ path: WritableKeyPath<BucketColumns, [Number]?>) { merged.columns[keyPath: path] = Array(earlier.columns[keyPath: path]![..<kept]) + columns[keyPath: path]! }
        for path in [\BucketColumns.x0, \.x1, \.min, \.max, \.mean, \.first, \.last] { join(path) }
        for path in [\BucketColumns.pointCount, \.nanCount, \.positiveInfinityCount, \.negativeInfinityCount] { join(path) }
        merged.bucketCount = merged.columns.count
        merged.points = merged.columns.pointCount!.reduce(0) { $0 + Int($1) }
        return merged
    }
}
