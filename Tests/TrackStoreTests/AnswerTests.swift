import Synchronization
import Testing
import TrackModel
@testable import TrackStore

@Suite("Answers") struct AnswerTests {
    @Test("of one commit are given at once, each on its own thread, in the order of their batches, after the commit") func together() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations)
            let run = try await store.newRun()
            let first = Desk(), second = Desk(), done = AsyncStream<Void>.makeStream()
            try await store.asOneGroup {
                for sequence in 1...9 as ClosedRange<UInt64> {
                    let batch = try EncodedBatch(Batch(attempt: 1, writer: "w", sequence: sequence == 7 ? 20 : sequence, steps: [Int64(sequence)], times: [0],
                                                       columns: [.init(name: "a", optional: [1])]))
                    store.append(batch, to: run, on: sequence % 3 == 0 ? second : first) { result in
                        let text = switch result {
                        case .success(let answer): "\(answer.sequence)"
                        case .failure: "refused"
                        }
                        (sequence % 3 == 0 ? second : first).note(text)
                        if sequence == 9 { done.continuation.finish() }
                    }
                }
            }
            for await _ in done.stream {}

            #expect(first.calls == 1 && second.calls == 1)
            #expect(first.notes == ["1", "2", "4", "5", "refused", "refused"])     // 20 leaves a gap, and so does 8 after it
            #expect(second.notes == ["3", "6", "refused"])
            #expect(try await store.run(run).rows == 6)
            try await store.close()
        }
    }
}

/// A thread that counts how often it is called.
private final class Desk: AnswerThread {
    private let state = Mutex<(calls: Int, notes: [String])>((0, []))
    var calls: Int { state.withLock { $0.calls } }
    var notes: [String] { state.withLock { $0.notes } }

    func perform(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.calls += 1 }
        work()
    }
    func note(_ text: String) { state.withLock { $0.notes.append(text) } }
}
