import Foundation
import Testing
import TrackModel
import TrackSeries
import TrackStore

@Suite("A store, batches") struct StoreBatchTests {
    @Test("keeps each batch exactly once, and refuses gaps", arguments: StoreFactory.all)
    func exactlyOnce(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            let first = try await store.log(run, ["loss": [0.5, 0.25]], steps: [1, 2])
            let again = try await store.log(run, ["loss": [0.5, 0.25]], steps: [1, 2])

            #expect(first == BatchAcknowledgement(run: run, writer: "w", sequence: 1, rows: 2, points: 2, duplicate: false))
            #expect(again == BatchAcknowledgement(run: run, writer: "w", sequence: 1, rows: 2, points: 2, duplicate: true))
            await #expect(throws: StoreError.sequenceGap(writer: "w", expected: 2, given: 4)) { try await store.log(run, ["loss": [1]], steps: [3], sequence: 4) }
            await #expect(throws: StoreError.sequenceGap(writer: "v", expected: 1, given: 2)) { try await store.log(run, ["loss": [1]], steps: [3], writer: "v", sequence: 2) }
            await #expect(throws: StoreError.unknownAttempt(2, run: run, latest: 1)) { try await store.log(run, ["loss": [1]], steps: [3], sequence: 2, attempt: 2) }
            let record = try await store.run(run)
            #expect(record.rows == 2 && record.points == 2 && record.lastStep == 2)
            #expect(record.summary?["loss"] == MetricSummary(last: 0.25, min: 0.25, max: 0.5, mean: 0.375, count: 2, firstStep: 1, lastStep: 2))
        }
    }

    @Test("commits what many writers send at once, each answered once", arguments: StoreFactory.all)
    func concurrent(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()

            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for sequence in 1...25 {
                            let step = Int64(writer * 100 + sequence)
                            let answer = try await store.log(run, ["m\(writer)": [Double(step)]], steps: [step], writer: "w\(writer)", sequence: UInt64(sequence))
                            #expect(!answer.duplicate)
                        }
                    }
                }
                try await group.waitForAll()
            }

            let record = try await store.run(run)
            #expect(record.rows == 200 && record.points == 200 && record.summary?.count == 8)
            #expect(record.summary?["m3"] == MetricSummary(last: 325, min: 301, max: 325, mean: 313, count: 25, firstStep: 301, lastStep: 325))
        }
    }

    @Test("of a repeated or late step the last value stays, in summary and series", arguments: StoreFactory.all)
    func repeated(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            try await store.log(run, ["a": [1, 2, 9]], steps: [1, 2, 5])
            try await store.log(run, ["a": [-1, 4, .nan]], steps: [2, 3, 3], sequence: 2)

            let summary = try #require(try await store.run(run).summary?["a"])
            #expect(summary.count == 4 && summary.nan == 1 && summary.min == -1 && summary.max == 9 && summary.last == 9 && summary.mean == 3)
            let series = try #require(try await store.buckets(run, "a"))
            #expect(series.columns.x0 == [1, 2, 3, 5] && series.raw && series.nan == 1)
            #expect(series.columns.last?.map { $0.isNaN ? -99 : $0 } == [1, -1, -99, 9])
        }
    }

    @Test("a resumed run hides older points from its resume step on, and takes batches of both attempts", arguments: StoreFactory.all)
    func resumed(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            try await store.log(run, ["a": [10, 20, 30, 40]], steps: [1, 2, 3, 4])
            let resumed = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 3))
            #expect(resumed.attempt == 2 && resumed.resumed && resumed.nextStep == 3)
            #expect(resumed.run.summary?["a"]?.count == 2 && resumed.run.attempts?.count == 2)

            try await store.log(run, ["a": [31, 41]], steps: [3, 4], writer: "v", attempt: 2)
            try await store.log(run, ["a": [50]], steps: [5], sequence: 2)

            let series = try #require(try await store.buckets(run, "a"))
            #expect(series.columns.x0 == [1, 2, 3, 4] && series.columns.mean == [10, 20, 31, 41])
            #expect(try await store.run(run).summary?["a"]?.last == 41)
        }
    }

    @Test("gives rows without numbers and steps their place", arguments: StoreFactory.all)
    func unnumbered(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            let body = Array(#"{"rows":[{"values":{"a":1}},{"values":{"a":"NaN"}}]}"#.utf8)
            let first = try await store.append(try BatchScanner.scan(body), to: run)
            let second = try await store.append(try BatchScanner.scan(body), to: run)

            #expect(first.sequence == 1 && second.sequence == 2 && !second.duplicate)
            #expect(try await store.buckets(run, "a")?.columns.x0 == [0, 1, 2, 3])
            #expect(try await store.run(run).lastStep == 3)
        }
    }

    @Test("everything acknowledged is there after the store is opened again", arguments: StoreFactory.all)
    func reopened(factory: StoreFactory) async throws {
        try await withFolder { folder in
            var store = try factory.open(folder, StoreOptions())
            let run = try await store.newRun(config: ["lr": 0.1])
            for sequence in 1...20 { try await store.log(run, ["a": [Double(sequence)]], steps: [Int64(sequence)], sequence: UInt64(sequence)) }
            try await store.close()

            store = try factory.open(folder, StoreOptions())
            #expect(try await store.log(run, ["a": [20]], steps: [20], sequence: 20).duplicate)
            #expect(try await store.log(run, ["a": [21]], steps: [21], sequence: 21).duplicate == false)
            #expect(try await store.run(run).summary?["a"]?.mean == 11)
            #expect(try await store.buckets(run, "a")?.points == 21)
            try await store.close()
        }
    }

    @Test("a second store in the same folder is refused", arguments: StoreFactory.all)
    func locked(factory: StoreFactory) async throws {
        try await withFolder { folder in
            let store = try factory.open(folder, StoreOptions())
            #expect(throws: StoreError.locked(directory: folder)) { _ = try factory.open(folder, StoreOptions()) }
            try await store.close()
        }
    }

    @Test("a closed store says so", arguments: StoreFactory.all)
    func closed(factory: StoreFactory) async throws {
        try await withFolder { folder in
            let store = try factory.open(folder, StoreOptions())
            let run = try await store.newRun()
            try await store.close()
            await #expect(throws: StoreError.closed) { try await store.log(run, ["a": [1]], steps: [1]) }
        }
    }

    @Test("config changes, histograms, logs and events travel with batches", arguments: StoreFactory.all)
    func extras(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(config: ["lr": 0.1, "model": ["depth": 3]])
            let histogram = HistogramRecord(name: "w", step: 7, time: 8, edges: [0, 1, 2], counts: [3, 4], min: 0, max: 2, sum: 7, count: 7)
            try await store.log(run, [:], steps: [], extras: BatchExtras(
                config: ["lr": 0.2, "model": ["width": 8]], summary: ["best": 1], definitions: [.init(metric: "val/*", goal: .maximize)],
                histograms: [histogram], logs: [.init(time: 1, stream: "stdout", text: "hello")], events: [.init(step: 3, time: 4, kind: "note", title: "t")]))
            try await store.log(run, ["val/acc": [0.9]], steps: [1], sequence: 2)

            let record = try await store.run(run)
            #expect(record.config == ["lr": 0.2, "model": ["depth": 3, "width": 8]] && record.summaryValues == ["best": 1])
            #expect(try await store.histogramNames(run) == [HistogramSummary(name: "w", count: 1, firstStep: 7, lastStep: 7)])
            #expect(try await store.histograms(run, name: "w", from: nil, to: nil, limit: 10) == HistogramSlices(name: "w", slices: [histogram], total: 1))
            #expect(try await store.logs(run, after: -1, limit: 10) == LogPage(lines: [.init(number: 0, time: 1, stream: "stdout", text: "hello")], total: 1))
            #expect(try await store.events(run) == [RunEvent(step: 3, time: 4, kind: "note", title: "t")])
            #expect(try await store.metrics(project: "p", runs: nil) == [MetricRecord(name: "val/acc", runs: 1, points: 1, lastStep: 1, goal: .maximize)])
            let bad = BatchExtras(histograms: [HistogramRecord(name: "w", step: 1, time: 1, edges: [0, 1], counts: [1, 2], min: 0, max: 1, sum: 1, count: 3)])
            await #expect(throws: StoreError.invalidBatch("Histogram \"w\" at step 1 cannot be used: it has 2 edges for 2 bins, one more than bins is needed.")) {
                try await store.log(run, [:], steps: [], sequence: 3, extras: bad)
            }
        }
    }

    @Test("more metrics than allowed are refused whole", arguments: StoreFactory.all)
    func tooMany(factory: StoreFactory) async throws {
        var options = StoreOptions()
        options.limits.metricsPerRun = 2
        try await withStore(factory, options: options) { store in
            let run = try await store.newRun()
            await #expect(throws: StoreError.tooManyMetrics(given: 3, limit: 2)) { try await store.log(run, ["a": [1], "b": [1], "c": [1]], steps: [1]) }
            try await store.log(run, ["a": [1], "b": [1]], steps: [1])
            #expect(try await store.run(run).points == 2)
        }
    }
}
