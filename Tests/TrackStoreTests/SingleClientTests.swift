import Foundation
import Synchronization
import Testing
import TrackModel
@testable import TrackStore

@Suite("Whether a client is alone") struct SingleClientTests {
    private let run = RunID("aaaaaaaa")!, other = RunID("bbbbbbbb")!
    private let start = ContinuousClock.now

    /// So many batches of `run`, each there `pause` after the one before and written within `work`; microseconds.
    private func write(_ client: inout SingleClient, times: Int, to run: RunID, pause: Int = 25, work: Int = 70, at now: inout ContinuousClock.Instant) {
        for _ in 0..<times {
            let began = now + .microseconds(pause)
            now = began + .microseconds(work)
            client.wrote(to: run, from: began, to: now)
        }
    }

    @Test("shows after many batches of one run, each right after the other") func many() {
        var client = SingleClient(), now = start
        write(&client, times: SingleClient.many, to: run, at: &now)
        #expect(!client.isSingle)               // before the first there was nothing
        write(&client, times: 1, to: run, at: &now)
        #expect(client.isSingle)
    }

    @Test("is over with the first batch of another run, or anything else that is written") func others() {
        var client = SingleClient(), now = start
        write(&client, times: 100, to: run, at: &now)
        write(&client, times: 1, to: other, at: &now)
        #expect(!client.isSingle)
        write(&client, times: 100, to: other, at: &now)
        #expect(client.isSingle)
        client.isNotAlone()
        #expect(!client.isSingle)
        for _ in 0..<200 {
            write(&client, times: 1, to: run, at: &now)
            write(&client, times: 1, to: other, at: &now)
        }
        #expect(!client.isSingle)
    }

    @Test("is not asked of a slow disk, nor of a client that takes its time, but either may be late once", arguments: [(5_000, 70), (25, 5_000)])
    func slow(pause: Int, work: Int) {
        var client = SingleClient(), now = start
        write(&client, times: 200, to: run, pause: pause, work: work, at: &now)
        #expect(!client.isSingle)
        write(&client, times: 100, to: run, at: &now)
        write(&client, times: 1, to: run, pause: pause, work: work, at: &now)
        #expect(client.isSingle)
        write(&client, times: 1, to: run, pause: pause, work: work, at: &now)
        #expect(!client.isSingle)
    }

    @Test("is over when it has not written for a while") func gone() {
        var client = SingleClient(), now = start
        write(&client, times: 100, to: run, at: &now)
        client.look(at: now + client.absence)
        #expect(client.isSingle)
        client.look(at: now + client.absence + .milliseconds(1))
        #expect(!client.isSingle)
    }
}

@Suite("A client that writes alone", .serialized) struct WritingAloneTests {
    @Test("has its batches written by the thread that brings them, as soon as it is known; all of them are there, also after a crash") func alone() async throws {
        try await withQuickDisk(folds: false) { store, folder in
            let program = Program(run: try await store.newRun())
            let sent = try await store.blocking { try program.send(to: store) { $0.here >= 500 } }

            #expect(sent.refused == 0)
            #expect(try await store.run(program.run).rows == sent.batches)
            #expect(try await store.buckets(program.run, "loss")?.points == sent.batches)
            #expect(try await store.verify().problems.isEmpty)
            let reopened = try SQLiteStore(directory: crashed(folder), migrations: StoreFactory.migrations)
            #expect(try await reopened.run(program.run).rows == sent.batches)
            #expect(try await reopened.verify().problems.isEmpty)
            try await reopened.close()
        }
    }

    @Test("shares the writer with changes, new metrics and other runs, each in its order") func shares() async throws {
        try await withQuickDisk { store, _ in
            let program = Program(run: try await store.newRun()), other = try await store.newRun(), isOver = Atomic(false)
            async let sent = store.blocking { try program.send(to: store, newMetricEvery: 700) { $0.here >= 3_000 && isOver.load(ordering: .acquiring) } }
            for number in 0..<20 {
                try await store.write { _, db in try db.execute(sql: "UPDATE run SET notes = COALESCE(notes, '') || 'x'") }
                try await store.log(other, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1))
                try await Task.sleep(for: .milliseconds(3))
            }
            isOver.store(true, ordering: .releasing)
            let all = try await sent

            #expect(all.refused == 0)
            #expect(try await store.run(program.run).rows == all.batches)
            #expect(try await store.run(other).rows == 20)
            #expect(try await store.run(other).notes == String(repeating: "x", count: 20))
            #expect(try await store.verify().problems.isEmpty)
        }
    }

    @Test("waits on no thread of its own for a slow disk") func slowDisk() async throws {
        try await withQuickDisk(forgives: false) { store, _ in
            try await store.write { writer, _ in
                writer.journal.synchronize = { _ in
                    usleep(1_000)
                    return true
                }
            }
            let program = Program(run: try await store.newRun())
            let sent = try await store.blocking { try program.send(to: store) { $0.batches == 200 } }
            #expect(sent.here == 0 && sent.refused == 0)
        }
    }

    @Test("is told of a disk that fails, and loses nothing when its batch comes again") func failing() async throws {
        try await withQuickDisk { store, _ in
            let program = Program(run: try await store.newRun()), fails = Atomic(false)
            try await store.write { writer, _ in writer.journal.synchronize = { _ in !fails.load(ordering: .acquiring) } }
            let first = try await store.blocking {
                try program.send(to: store) { $0.here >= 100 && $0.wasHere }
            }
            fails.store(true, ordering: .releasing)
            let failed = try await store.blocking { try program.send(to: store) { $0.batches == 1 } }
            fails.store(false, ordering: .releasing)
            let last = try await store.blocking { try program.send(to: store) { $0.batches == 50 } }

            #expect(failed.refused == 1 && last.refused == 0)
            #expect(try await store.run(program.run).rows == first.batches + last.batches)
            #expect(try await store.verify().problems.isEmpty)
        }
    }

    @Test("hears of what is refused as all others do") func refused() async throws {
        try await withQuickDisk { store, _ in
            let program = Program(run: try await store.newRun())
            let sent = try await store.blocking { try program.send(to: store, gapEvery: 10) { $0.here >= 200 } }
            #expect(sent.refused > 20)
            #expect(try await store.run(program.run).rows == sent.batches - sent.refused)
        }
    }

    /// A store whose disk takes no time, and for which nobody is slow, so that the machine does not decide what a test sees.
    private func withQuickDisk(folds: Bool = true, forgives: Bool = true, _ body: (SQLiteStore, String) async throws -> Void) async throws {
        try await withFolder { folder in
            var options = StoreOptions()
            options.foldsInBackground = folds
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
            try await store.write { writer, _ in
                writer.journal.synchronize = { _ in true }
                if forgives { (writer.client.pause, writer.client.patience, writer.client.absence) = (.seconds(10), .seconds(10), .seconds(10)) }
            }
            do { try await body(store, folder) } catch { try? await store.close(); throw error }
            try await store.close()
        }
    }
}

/// A program that sends its next batch when the last is answered.
private final class Program: AnswerThread {
    struct Sent: Sendable {
        var batches = 0
        /// Batches that were written by the program's thread, and whether the last was.
        var here = 0
        var wasHere = false
        var refused = 0
    }

    let run: RunID
    private let sequence = Atomic<UInt64>(0)

    init(run: RunID) { self.run = run }

    func perform(_ work: @escaping @Sendable () -> Void) { work() }

    /// Sends until `isEnough`, or for a minute at most.
    func send(to store: SQLiteStore, newMetricEvery: Int = .max, gapEvery: Int = .max, until isEnough: (Sent) -> Bool) throws -> Sent {
        var sent = Sent()
        let end = ContinuousClock.now + .seconds(60)
        while !isEnough(sent) {
            guard ContinuousClock.now < end else { throw TooLate(sent: sent) }
            let hasGap = sent.batches % gapEvery == gapEvery - 1
            let number = sequence.load(ordering: .relaxed) + 1
            let batch = Batch(attempt: 1, writer: "w", sequence: hasGap ? number + 7 : number, steps: [Int64(number)], times: [Int64(number)], columns:
                [.init(name: "loss", optional: [1])] + (sent.batches % newMetricEvery == newMetricEvery - 1 ? [.init(name: "metric\(number)", optional: [1])] : []))
            let answered = Answered()
            store.append(try EncodedBatch(batch), to: run, on: self) { answered.note($0) }
            sent.wasHere = answered.wait()
            sent.batches += 1
            if sent.wasHere { sent.here += 1 }
            if answered.succeeded { sequence.store(number, ordering: .relaxed) } else { sent.refused += 1 }
        }
        return sent
    }

    private struct TooLate: Error { let sent: Sent }

    /// The answer to one batch.
    private final class Answered: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let state = Mutex<(thread: ObjectIdentifier?, succeeded: Bool)>((nil, false))
        var succeeded: Bool { state.withLock { $0.succeeded } }

        func note(_ result: Result<BatchAcknowledgement, any Error>) {
            state.withLock { $0 = (ObjectIdentifier(Thread.current), (try? result.get()) != nil) }
            gate.signal()
        }
        /// - Returns: Whether this thread gave it.
        func wait() -> Bool {
            gate.wait()
            return state.withLock { $0.thread == ObjectIdentifier(Thread.current) }
        }
    }
}
