import Foundation
import Testing
@testable import Track

@Suite("Offline, and after a crash") struct SyncTests {
    @Test("an offline run is delivered by sync, with its end, and its files go") func offline() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let settings = folder.settings(url: server.url, mode: .offline)
        let run = try await Run.start(project: "p", config: ["lr": 0.1], settings: settings)
        for step in 0..<20_000 { run.log(["loss": Double(step), "third": Double(step) / 3], step: step) }
        let report = await run.finish(.failed, exitCode: 3)
        #expect(report.loggedRows == 20_000 && report.storedRows == 0 && fake.runs.isEmpty)

        let first = try await Spool.sync(settings: settings), second = try await Spool.sync(settings: settings)

        let stored = try #require(fake.run(run.id.text))
        #expect(first.delivered == 1 && first.rows == 20_000 && first.points == 40_000 && second == Spool.SyncReport())
        #expect(stored.rows.map(\.step) == (0..<20_000).map(Int64.init) && stored.finished?.state == .failed && stored.finished?.exitCode == 3)
        #expect(folder.files("spool").isEmpty)
    }

    @Test("a living offline run can be synced again and again; nothing doubles") func living() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let settings = folder.settings(url: server.url, mode: .offline)
        let run = try await Run.start(project: "p", settings: settings)

        for round in 0..<5 {
            for step in 0..<10_000 { run.log(["loss": Double(step) / 7], step: round * 10_000 + step) }
            let report = try await Spool.sync(settings: settings)
            #expect(report.left == 1 && report.rows == 10_000)
        }
        await run.finish()
        let last = try await Spool.sync(settings: settings)

        let stored = try #require(fake.run(run.id.text))
        #expect(last.delivered == 1 && stored.rows.map(\.step) == (0..<50_000).map(Int64.init))
    }

    @Test("a batch whose answer was lost is not stored twice, even by another process") func lostAnswer() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { request in
            let reply = fake.handle(request)        // stored, but nobody hears of it
            return request.path.hasSuffix("batches") ? .drop : reply
        }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        run.log(["loss": 1.0])
        for _ in 0..<1_200 where fake.run(run.id.text)?.rows.count != 1 { try await Task.sleep(for: .milliseconds(50)) }
        for step in 1..<100 { run.log(["loss": 1.0], step: step) }
        let report = await run.finish(deadline: .milliseconds(700))
        #expect(report.storedRows == 0 && report.waitingRows == 100 && fake.run(run.id.text)?.rows.count == 1)
        server.stop()

        let healthy = try ScriptedServer(port: server.port) { fake.handle($0) }
        let synced = try await Spool.sync(settings: folder.settings(url: healthy.url))

        #expect(synced.delivered == 1 && synced.rows == 100 && fake.run(run.id.text)?.rows.count == 100)
    }

    @Test("the next start delivers what an earlier process left") func nextStart() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let port = try freePort()
        let settings = folder.settings(url: "http://127.0.0.1:\(port)")
        let old = try await Run.start(project: "p", settings: settings)
        old.log(["loss": 1.0])
        await old.finish(deadline: .milliseconds(100))

        let server = try ScriptedServer(port: port) { fake.handle($0) }
        let next = try await Run.start(project: "p", settings: settings)
        for _ in 0..<1_200 where fake.run(old.id.text)?.finished == nil { try await Task.sleep(for: .milliseconds(50)) }
        await next.finish()

        #expect(fake.run(old.id.text)?.rows.count == 1 && fake.run(old.id.text)?.finished?.state == .finished)
        server.stop()
    }

    @Test("gives up a server that stays away, says why, and keeps everything") func noServer() async throws {
        let folder = TemporaryFolder()
        let settings = folder.settings(url: "http://127.0.0.1:\(try freePort())", mode: .offline)
        let run = try await Run.start(project: "p", settings: settings)
        run.log(["loss": 1.0])
        await run.finish()

        let report = try await Spool.sync(settings: settings, patience: .milliseconds(300))

        #expect(report.failed == 1 && report.rows == 0 && report.messages.first?.hasPrefix("The server cannot be reached") == true)
        #expect(try Spool.entries(settings: settings).map(\.run) == [run.id])
    }
}
