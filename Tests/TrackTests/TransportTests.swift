import Foundation
import Synchronization
import Testing
@testable import Track

@Suite("Between client and server") struct TransportTests {
    /// A run of 2 000 rows against a server that misbehaves as `reply` says; gives the stored run and the receipt.
    /// - Parameter halves: Whether the first half is delivered before the second is logged, so that there are two batches at least.
    private func deliver(
        rows: Int = 2_000, halves: Bool = false, deadline: Duration = .seconds(20), _ fake: FakeTrack, _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply
    ) async throws -> (stored: FakeTrack.Run, report: RunReport) {
        let folder = TemporaryFolder()
        let server = try ScriptedServer(reply)
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        for step in 0..<rows {
            if halves, step == rows / 2 { await run.flush(deadline: deadline) }
            run.log(["loss": Double(step) / 3], step: step)
        }
        let report = await run.finish(deadline: deadline)
        return (try #require(fake.run(run.id.text)), report)
    }

    private func expectWhole(_ stored: FakeTrack.Run, _ report: RunReport, rows: Int = 2_000) {
        #expect(stored.rows.map(\.step) == (0..<Int64(rows)).map { $0 } && report.isComplete && report.storedRows == rows)
        #expect(stored.finished?.report?["complete"] == .bool(true))
    }

    @Test("an answer that is repeated is not taken for that of the next batch") func repeatedAnswer() async throws {
        let fake = FakeTrack(), turn = Atomic(0), last = Mutex<ScriptedServer.Reply?>(nil)

        // Every other batch is swallowed, and answered with what was said the time before.
        let (stored, report) = try await deliver(halves: true, fake) { request in
            guard request.path.hasSuffix("batches") else { return fake.handle(request) }
            if turn.add(1, ordering: .relaxed).newValue % 2 == 0, let stale = last.withLock({ $0 }) { return stale }
            let reply = fake.handle(request)
            last.withLock { $0 = reply }
            return reply
        }

        expectWhole(stored, report)
        #expect(turn.load(ordering: .relaxed) > 2)
    }

    @Test("a server that takes only small batches gets small ones") func tooLarge() async throws {
        let fake = FakeTrack()

        let (stored, report) = try await deliver(fake) { request in
            guard request.path.hasSuffix("batches"), request.body.count > 6_000 else { return fake.handle(request) }
            return fake.error(413, "body_too_large", "Too large.")
        }

        expectWhole(stored, report)
        #expect(stored.batches > 4)
    }

    @Test("half answers, lost answers and busy answers cost time, and no row") func misbehaves() async throws {
        let fake = FakeTrack(), turn = Atomic(0)

        let (stored, report) = try await deliver(fake) { request in
            switch turn.add(1, ordering: .relaxed).newValue % 5 {
            case 1: return .half(200, "{\"run\":\"aaaaaaaa\",\"writer\":\"w\"}")
            case 2: _ = fake.handle(request); return .drop
            case 3: return .answer(503, "", headers: ["Retry-After": "0"])
            default: return fake.handle(request)
            }
        }

        expectWhole(stored, report)
    }

    @Test("a row that the server will never take is put aside alone; all others arrive") func refusedRow() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { request in
            guard request.path.hasSuffix("batches"), let batch = try? EncodedBatch(request.body).decoded(), batch.steps.contains(57) else { return fake.handle(request) }
            return fake.error(422, "invalid_batch", "Step 57 is not liked.")
        }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        for step in 0..<1_000 { run.log(["loss": Double(step)], step: step) }

        let report = await run.finish()

        let stored = try #require(fake.run(run.id.text))
        #expect(stored.rows.map(\.step) == (0..<1_000).filter { $0 != 57 }.map(Int64.init))
        #expect(report.refusedRows == 1 && report.storedRows == 999 && report.loggedRows == 1_000 && !report.isComplete && report.gaps == 0)
    }

    @Test("a server that has lost acknowledged batches gets what is still here, and the receipt tells the gap") func gap() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        run.log(["loss": 1.0], step: 0)
        #expect(await run.flush())
        run.log(["loss": 1.0], step: 1)
        #expect(await run.flush())

        fake.state.withLock { $0[run.id.text]?.sequences = [:] }        // restored from an old backup
        run.log(["loss": 1.0], step: 2)
        let report = await run.finish()

        #expect(fake.run(run.id.text)?.rows.map(\.step) == [0, 1, 2] && report.gaps == 2 && !report.isComplete)
    }

    @Test("finish keeps its deadline", arguments: ["silent", "down", "busy", "refuses"]) func deadline(kind: String) async throws {
        let fake = FakeTrack(), isBad = Atomic(false), folder = TemporaryFolder()
        let server = try ScriptedServer { request in
            if !isBad.load(ordering: .relaxed) { return fake.handle(request) }
            switch kind {
            case "silent": return .silence(.seconds(20))
            case "busy": return .answer(503, "", headers: ["Retry-After": "3600"])
            case "refuses": return fake.error(401, "unauthorized", "The key is not known.")
            default: return .drop
            }
        }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        isBad.store(true, ordering: .relaxed)
        if kind == "down" { server.stop() }
        for step in 0..<100 { run.log(["loss": 1.0], step: step) }
        let clock = ContinuousClock()

        var report: RunReport?
        let duration = await clock.measure { report = await run.finish(deadline: .milliseconds(500)) }

        #expect(duration < .seconds(15) && report?.waitingRows == 100 && report?.loggedRows == 100)
        let again = await run.finish()
        #expect(again == report)
        isBad.store(false, ordering: .relaxed)
        server.stop()
        let healthy = try ScriptedServer { fake.handle($0) }
        let synced = try await Spool.sync(settings: folder.settings(url: healthy.url), url: healthy.url)
        #expect(synced.rows == 100 && fake.run(run.id.text)?.finished?.report?["storedRows"] == .integer(100))
    }

    @Test("flush waits for what was logged before it, not for what comes after") func flushUnderLoad() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder(), isOver = Atomic(false)
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        Thread.detachNewThread {
            var step = 0
            while !isOver.load(ordering: .relaxed) { run.log(["loss": 1.0], step: step); step += 1; usleep(100) }
            isOver.store(false, ordering: .relaxed)
        }
        try await Task.sleep(for: .milliseconds(50))

        #expect(await run.flush(deadline: .seconds(10)))

        isOver.store(true, ordering: .relaxed)
        while isOver.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await run.finish().isComplete)
    }

    @Test("what cannot be reached, or is not what it should be, is told apart", arguments: [
        ("http://127.0.0.1:9", "The server cannot be reached"), ("http://no-such-host.invalid", "The server cannot be reached"),
        ("https", "No secure connection comes about"),
    ]) func failures(url: String, sentence: String) throws {
        let server = try ScriptedServer { _ in .drop }
        let client = HTTPClient(url: url == "https" ? "https://127.0.0.1:\(server.port)" : url, key: nil, interruption: HTTPClient.Interruption())

        let answer = client.send("GET", "/", timeout: .seconds(5))

        guard case .failed(let failure) = answer else { Issue.record("\(answer)"); return }
        #expect("\(failure)".hasPrefix(sentence), "\(failure)")
    }

    @Test("Retry-After is seconds or a date, an hour at most") func retryAfter() throws {
        let formatter = DateFormatter()
        (formatter.locale, formatter.timeZone) = (Locale(identifier: "en_US_POSIX"), TimeZone(identifier: "GMT"))
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let date = try #require(HTTPClient.retryAfter(formatter.string(from: Date().addingTimeInterval(100))))

        #expect(HTTPClient.retryAfter("7") == .seconds(7) && HTTPClient.retryAfter("90000") == .seconds(3_600) && HTTPClient.retryAfter("soon") == nil)
        #expect(date > .seconds(90) && date <= .seconds(101))
    }
}

@Suite("Several processes of one launch") struct LaunchTests {
    @Test("find their rank", arguments: [
        (["RANK": "3", "WORLD_SIZE": "8"], 3), (["SLURM_PROCID": "1", "SLURM_NTASKS": "2"], 1), (["LOCAL_RANK": "2", "LOCAL_WORLD_SIZE": "4"], 2),
        (["RANK": "0", "WORLD_SIZE": "1"], nil), (["RANK": "x"], nil), ([:], nil),
    ] as [([String: String], Int?)]) func rank(environment: [String: String], rank: Int?) {
        #expect(Launch.rank(environment) == rank)
    }

    @Test("share a name that the next launch does not have") func key() {
        let torch = ["TORCHELASTIC_RUN_ID": "job-7", "TORCHELASTIC_RESTART_COUNT": "0"]

        #expect(Launch.key(torch) == Launch.key(torch.merging(["RANK": "1"]) { $1 }))
        #expect(Launch.key(torch) != Launch.key(torch.merging(["TORCHELASTIC_RESTART_COUNT": "1"]) { $1 }))
        #expect(Launch.key([:]) == Launch.key(["TORCHELASTIC_RUN_ID": "none"]) && Launch.key([:]).contains(":\(getppid()):"))
    }
}
