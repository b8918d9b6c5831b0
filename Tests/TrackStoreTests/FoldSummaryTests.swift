import Foundation
import Testing
import TrackModel
import TrackStore

@Suite("Folding and summaries") struct FoldSummaryTests {
    @Test("a server that dies right after a fold still counts what was folded") func diesAfterFold() async throws {
        var options = StoreOptions()
        options.foldsInBackground = false
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
            let run = try await store.newRun()
            try await store.log(run, ["loss": (0..<5_000).map { Double($0) }], steps: (0..<5_000).map { Int64($0) })
            try await store.fold(run)

            // What the disk holds at this instant is what a killed server leaves.
            try await withFolder { copy in
                try FileManager.default.copyItem(atPath: folder, toPath: copy)
                let reopened = try SQLiteStore(directory: copy, migrations: StoreFactory.migrations, options: options)
                let record = try await reopened.run(run)

                #expect(record.points == 5_000 && record.rows == 5_000)
                #expect(record.summary?["loss"]?.count == 5_000 && record.summary?["loss"]?.max == 4_999)
                try await reopened.close()
            }
            try await store.close()
        }
    }
}
