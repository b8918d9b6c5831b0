import GRDB
import Testing
import TrackModel
import TrackSeries
@testable import TrackStore

@Suite("Groups of a run that grows") struct FoldedGroupsTests {
    @Test("are whole, and not written again") func whole() async throws {
        try await withStore { store, run in
            try await store.logBatches(0..<140, of: run)
            try await store.foldGrowing(run)
            let first = try await store.groups(of: run)
            #expect(first.map(\.rows) == [4_100])                               // 82 batches fill a group; the others wait

            try await store.logBatches(140..<340, of: run)
            try await store.foldGrowing(run)
            let later = try await store.groups(of: run)
            #expect(later.map(\.rows) == [4_100, 4_096, 4_096, 4_108] && later.first?.id == first.first?.id)
            try await store.expect(17_000, of: run)
        }
    }

    @Test("take what fills the one that has been begun") func begun() async throws {
        try await withStore { store, run in
            try await store.logBatches(0..<20, of: run)
            try await store.fold(run)                                           // as when it had been quiet
            try await store.logBatches(20..<140, of: run)
            try await store.foldGrowing(run)
            #expect(try await store.groups(of: run).map(\.rows) == [4_100])
            try await store.fold(run)
            #expect(try await store.groups(of: run).map(\.rows) == [4_100, 2_900])
            try await store.expect(7_000, of: run)
        }
    }

    @Test("hold everything when the tail fills none") func short() async throws {
        try await withStore { store, run in
            try await store.logBatches(0..<6, of: run)
            try await store.foldGrowing(run)
            #expect(try await store.groups(of: run).map(\.rows) == [300])
            try await store.expect(300, of: run)
        }
    }

    private func withStore(_ body: (SQLiteStore, RunID) async throws -> Void) async throws {
        try await withFolder { folder in
            var options = StoreOptions()
            options.foldsInBackground = false
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
            try await body(store, try await store.newRun())
            try await store.close()
        }
    }
}

extension SQLiteStore {
    /// Batches of fifty rows each: all but the first are in the journal.
    fileprivate func logBatches(_ batches: Range<Int>, of run: RunID) async throws {
        for batch in batches {
            let steps = (0..<50).map { Int64(50 * batch + $0) }
            try await log(run, ["loss": steps.map { Double($0) }], steps: steps, sequence: UInt64(batch + 1))
        }
    }

    fileprivate func foldGrowing(_ run: RunID) async throws {
        try await blocking { [folder = background.folder] in _ = try folder.fold(run, isGrowing: true) }
    }

    fileprivate func groups(of run: RunID) async throws -> [ChunkTable.Group] {
        try await read { db in try ChunkTable.groups(run: try RunRecords.row(of: run, db)!, attempt: 1, db) }
    }

    fileprivate func expect(_ points: Int, of run: RunID) async throws {
        let series = try await buckets(run, "loss")
        #expect(series?.points == points)
        #expect(try await self.run(run).summary?["loss"]?.max == Double(points - 1))
    }
}
