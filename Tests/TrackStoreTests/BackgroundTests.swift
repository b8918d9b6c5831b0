import Testing
import TrackModel
@testable import TrackStore

@Suite("Folding in the background") struct BackgroundTests {
    @Test("is helped by the thread that gets its share, once a tail is so long that the other one hardly gets on") func helped() async throws {
        var options = StoreOptions(durability: .normal)
        (options.foldRows, options.foldQuietSeconds) = (.max, 3_600)            // the folding thread finds nothing due
        try await withStore(options: options) { store in
            let run = try await store.newRun(), rows = 50_000
            for batch in 0..<5 { try await log(batch, rows, to: run, store) }
            try await Task.sleep(for: .seconds(1))
            #expect(store.statistics().folds == 0)

            try await log(5, rows, to: run, store)
            while store.statistics().folds == 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(store.statistics().foldedRows > 0 && store.statistics().tailRows < 6 * rows)
            #expect(try await store.buckets(run, "loss")?.points == 6 * rows)
        }
    }

    private func log(_ batch: Int, _ rows: Int, to run: RunID, _ store: any Store) async throws {
        let steps = (batch * rows..<(batch + 1) * rows).map { Int64($0) }
        try await store.log(run, ["loss": steps.map { Double($0 % 100) }], steps: steps, sequence: UInt64(batch + 1))
    }
}
