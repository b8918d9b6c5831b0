import Foundation
import Testing
import TrackModel
import TrackSeries
import TrackStore

@Suite("A SQLite store, killed", .serialized) struct CrashTests {
    /// How often a process is killed; a hundred and more times with TRACK_CRASHES set.
    private static let rounds = ProcessInfo.processInfo.environment["TRACK_CRASHES"].flatMap { Int($0) } ?? 6

    @Test("at any moment of writing and folding: what was acknowledged is there once, and everything agrees") func kills() async throws {
        try await withFolder { folder in
            var random = Random(seed: UInt64(Date().timeIntervalSince1970))
            for round in 0..<Self.rounds {
                let delay = 5_000 + random.below(150_000)
                await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, delay = delay as Int] in try await CrashTests.writeUntilKilled(folder, after: delay) }
                try await check(folder, round)
            }
        }
    }

    /// Every fifth batch repeats the steps of an earlier one.
    fileprivate static func steps(of sequence: Int) -> [Int64] {
        let first = Int64(sequence) * 10 - (sequence % 5 == 0 ? 40 : 0)
        return (0..<10).map { first + Int64($0) }
    }

    /// Logs, folds and notes what was acknowledged, until the process dies.
    private static func writeUntilKilled(_ folder: String, after delay: Int) async throws {
        var options = StoreOptions()
        options.foldRows = 60
        if delay % 2 == 0 { options.journalBytes = 24 << 10 }      // used again and again
        let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
        let run = RunID("abcdefgh")!
        _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .allow, resumeStep: nil))
        let noted = open(folder + "/acknowledged", O_RDWR | O_CREAT | O_APPEND, 0o600)
        var sequence = acknowledged(folder)
        Thread.detachNewThread { usleep(UInt32(delay)); kill(getpid(), SIGKILL) }
        while true {
            sequence += 1
            let steps = CrashTests.steps(of: sequence)
            let columns = ["a", "b"].map { name in Batch.Column(name: name, values: steps.map { Double($0) }) }
            let batch = try EncodedBatch(Batch(attempt: 1, writer: "w", sequence: UInt64(sequence), steps: steps, times: steps, columns: columns))
            _ = try await store.append(batch, to: run)
            var number = Int64(sequence)
            write(noted, &number, 8)
        }
    }

    /// How many batches were acknowledged before the kill.
    private static func acknowledged(_ folder: String) -> Int {
        let data = (try? Data(contentsOf: URL(filePath: folder + "/acknowledged"))) ?? Data()
        return data.count < 8 ? 0 : Int(data.suffix(data.count % 8 + 8).prefix(8).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })
    }

    private func check(_ folder: String, _ round: Int) async throws {
        let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)
        let run = RunID("abcdefgh")!, known = Self.acknowledged(folder)
        let problems = try await store.verify().problems
        #expect(problems.isEmpty, "round \(round): \(problems)")
        guard known > 0 else { return try await store.close() }
        // One batch more than acknowledged may be stored: its answer was under way.
        let next = EncodedBatch.probe(known + 1), wasStored = try await store.append(next, to: run).duplicate
        let last = known + 1
        let steps = Set((1...last).flatMap(CrashTests.steps(of:)))
        let summary = try await store.run(run).summary
        let series = try await store.buckets(run, "a") { $0.buckets = 10_000 }
        #expect(summary?["a"]?.count == steps.count && summary?["b"]?.count == steps.count, "round \(round), stored \(wasStored)")
        #expect(series?.points == steps.count && series?.columns.min == series?.columns.x0 && series?.columns.max == series?.columns.x1)      // each value is its step
        var number = Int64(last)
        let noted = open(folder + "/acknowledged", O_RDWR | O_CREAT | O_APPEND, 0o600)
        write(noted, &number, 8)
        Foundation.close(noted)
        try await store.close()
    }
}

extension EncodedBatch {
    /// The batch that the dying process would have sent as number `sequence`.
    fileprivate static func probe(_ sequence: Int) -> EncodedBatch {
        let steps = CrashTests.steps(of: sequence)
        let columns = ["a", "b"].map { name in Batch.Column(name: name, values: steps.map { Double($0) }) }
        return try! EncodedBatch(Batch(attempt: 1, writer: "w", sequence: UInt64(sequence), steps: steps, times: steps, columns: columns))
    }
}
