import Foundation
import GRDB
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("A SQLite store's log") struct LogTests {
    private func options(logBytes: Int) -> StoreOptions {
        var options = StoreOptions()
        (options.foldsInBackground, options.logBytes) = (false, logBytes)
        return options
    }

    private func logSize(_ folder: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: folder + "/track.sqlite-wal"))?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// 160 kB a batch.
    private func write(_ store: SQLiteStore, _ run: RunID, batches: Range<Int>) async throws {
        for number in batches {
            let steps = (0..<5_000).map { Int64(number * 5_000 + $0) }
            try await store.log(run, ["a": steps.map(Double.init), "b": steps.map(Double.init)], steps: steps, sequence: UInt64(number + 1))
        }
    }

    @Test("begins anew while batches come, and no batch is refused") func shortened() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options(logBytes: 1 << 20))
            let run = try await store.newRun()
            var written = 0
            for round in 0..<200 where logSize(folder) >= written {
                try await write(store, run, batches: (round * 10)..<(round * 10 + 10))
                written += 10 * 160_000
                try await Task.sleep(for: .milliseconds(20))
            }

            #expect(logSize(folder) < written, "the log holds everything that was written")
            #expect(try await store.verify().problems.isEmpty)
            try await store.close()
        }
    }

    @Test("is left alone while somebody reads an old state, and batches still come in") func reader() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options(logBytes: 1 << 20))
            let run = try await store.newRun()
            try await write(store, run, batches: 0..<1)
            var configuration = Configuration()
            configuration.readonly = true
            let tool = try DatabaseQueue(path: folder + "/track.sqlite", configuration: configuration)

            let (seen, after) = try await tool.read { db in
                let seen = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM batch")!
                let written = DispatchSemaphore(value: 0)
                Task {
                    try await write(store, run, batches: 1..<60)
                    try await Task.sleep(for: .milliseconds(600))       // the background looks every quarter of a second
                    try await write(store, run, batches: 60..<62)
                    written.signal()
                }
                let inTime = written.wait(timeout: .now() + 25) == .success
                #expect(inTime, "the writer waited for a reader")
                return (seen, try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM batch")!)
            }

            #expect(seen == 1 && after == 1)
            #expect(try await store.run(run).rows == 310_000)
            try tool.close()
            try await store.close()
        }
    }

    @Test("has written space ahead of its end, which a crash leaves behind, and all acknowledged rows are there again") func space() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options(logBytes: 64 << 20))
            let run = try await store.newRun()
            try await write(store, run, batches: 0..<4)             // 640 kB
            try await store.log(run, ["c": [1]], steps: [1_000_000], sequence: 5)

            let crashed = folder + "/crashed"
            try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: false)
            for name in ["track.sqlite", "track.sqlite-wal"] { try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: crashed + "/" + name) }

            let log = try Data(contentsOf: URL(filePath: crashed + "/track.sqlite-wal"))
            #expect(log.count > 1 << 20 && log.suffix(64 << 10).allSatisfy { $0 == 0 })
            let again = try SQLiteStore(directory: crashed, migrations: StoreFactory.migrations, options: options(logBytes: 64 << 20))
            #expect(try await again.run(run).rows == 20_001)
            #expect(try await again.verify().problems.isEmpty)
            try await again.close()
            try await store.close()
        }
    }

    @Test("and every commit are counted: how many batches each took") func counters() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options(logBytes: 64 << 20))
            let run = try await store.newRun()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<40 { group.addTask { try await store.log(run, ["a": [1]], steps: [Int64(writer)], writer: "w\(writer)") } }
                try await group.waitForAll()
            }

            let values = store.statistics()
            #expect(values.batches == 40 && values.commitsBySize.reduce(0, +) == values.commits && values.commits <= 40)
            #expect(values.tailBatches == 40 && values.tailRows == 40 && !values.isFoldingPaused)
            try await store.fold(run)
            #expect(store.statistics().tailBatches == 0 && store.statistics().foldedPoints == 40)
            try await store.close()
        }
    }
}

@Suite("Folding") struct PauseTests {
    @Test("rests while it is paused, and goes on afterwards; reading tells no difference") func paused() async throws {
        var options = StoreOptions()
        (options.foldRows, options.foldQuietSeconds) = (50, 0.1)
        try await withStore(options: options) { store in
            store.pauseFolding(true)
            let run = try await store.newRun()
            for sequence in 1...10 {
                let first = Int64(sequence) * 100
                try await store.log(run, ["a": (0..<100).map { Double(first + $0) }], steps: (0..<100).map { first + $0 }, sequence: UInt64(sequence))
            }
            try await Task.sleep(for: .milliseconds(800))
            let resting = store.statistics(), before = try await store.buckets(run, "a")
            #expect(resting.isFoldingPaused && resting.folds == 0 && resting.tailRows == 1_000)

            store.pauseFolding(false)
            for _ in 0..<400 where store.statistics().tailRows > 0 { try await Task.sleep(for: .milliseconds(50)) }

            #expect(store.statistics().foldedRows == 1_000 && store.statistics().tailRows == 0)
            #expect(try await store.buckets(run, "a")?.columns == before?.columns)
        }
    }
}
