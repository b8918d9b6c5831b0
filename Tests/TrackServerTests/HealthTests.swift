import Foundation
import Testing
import TrackHealth
import TrackModel
import TrackTesting
@testable import TrackServer

/// Falls, with a little noise that is the same each time.
private func loss(_ count: Int) -> [Double] {
    (0..<count).map { step in
        let x = Double(step), level = 0.3 + 2 * exp(-4 * x / Double(count))
        return level + 0.02 * sin(x * 12.9898)
    }
}

@Suite("Findings over HTTP") struct HealthTests {
    @Test("a healthy run has none, one with NaN and spikes has both, with their words and numbers") func found() async throws {
        try await TestServer.run { server async throws in
            var bad = loss(200)
            bad[80] = 9
            for step in 190..<200 { bad[step] = .nan }
            let healthy = try await server.makeRun(logging: ["train/loss": loss(200)]), run = try await server.makeRun(logging: ["train/loss": bad])

            let none = try await server.findings(healthy), some = try await server.findings(run)

            #expect(none.findings == [])
            #expect(some.findings.map(\.kind) == [.nan, .spike] && some.findings.map(\.firstStep) == [190, 80])
            #expect(some.findings[0].title == "NaN in train/loss" && some.findings[0].numbers.contains(.init("points concerned", 10)))
            #expect(some.findings.allSatisfy { !$0.why.isEmpty && !$0.advice.isEmpty && !$0.rule.isEmpty && $0.muted == nil && $0.run == run })
            let listed: FindingList = try await server.client.value("GET", "/api/v1/projects/test/findings?limit=1")
            #expect(listed.findings.count == 1 && listed.findings[0].run == run)
            #expect(try await server.client.get("/api/v1/runs/aaaaaaaa/findings").status == 404)
            #expect(try await server.client.get("/api/v1/projects/none/findings").status == 404)
        }
    }

    @Test("what comes later is looked at alone: each point once, whatever the run's length") func incremental() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["train/loss": loss(3_000), "other": loss(3_000)])
            _ = try await server.findings(run)
            let before = server.server.health!.counters.points

            for number in 2...6 {
                let values = [1.0, 1.0, number == 6 ? .nan : 1.0]
                try await server.log(run, ["train/loss": values], from: 3_000 + 3 * number, sequence: number)
                _ = try await server.findings(run)
            }

            #expect(before == 6_000 && server.server.health!.counters.points == 6_015)
            #expect(try await server.findings(run).findings.contains { $0.kind == .nan })
        }
    }

    @Test("lists, filters and the event stream hear of it by themselves") func background() async throws {
        try await TestServer.run { server async throws in
            let reader = EventReader(port: server.port, path: "/api/v1/events?project=test")
            _ = await reader.lines { $0.isEmpty }
            let run = try await server.makeRun(logging: ["a": [1, .nan]])

            let lines = await reader.lines { $0.hasPrefix("data: {\"findings\":{\"nan\":1},\"health\":\"error\",\"project\":\"test\"") }

            #expect(lines.last?.contains(run.text) == true && lines.contains("event: findings"))
            let filtered = try await server.client.get("/api/v1/projects/test/runs?filter=health%3Anan").body
            #expect(String(decoding: filtered, as: UTF8.self).contains(#""findings":{"nan":1}"#))
        }
    }

    @Test("mutes are put and taken back, for a run and for a project; unknown kinds are named") func mutes() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["a": [1, .nan], "b": [.nan, 1]])
            _ = try await server.findings(run)
            func health() async throws -> RunRecord { try await server.client.value("GET", "/api/v1/runs/\(run)") }

            #expect(try await server.client.send("PUT", "/api/v1/runs/\(run)/mutes/nan?metric=a").status == 204)
            #expect(try await health().findings == ["nan": 1])
            #expect(try await server.client.send("PUT", "/api/v1/projects/test/mutes/nan").status == 204)
            #expect(try await health().findings == [:])
            #expect(try await server.findings(run).findings.map(\.muted) == [.run, .project])
            #expect(try await server.client.send("DELETE", "/api/v1/projects/test/mutes/nan").status == 204)
            #expect(try await server.client.send("DELETE", "/api/v1/runs/\(run)/mutes/nan?metric=a").status == 204)
            #expect(try await health().findings == ["nan": 2])

            let refused = try await server.client.send("PUT", "/api/v1/runs/\(run)/mutes/sadness")
            #expect(refused.status == 400 && String(decoding: refused.body, as: UTF8.self).contains("overfitting"))
        }
    }

    @Test("a failed run is found when it ends, and after a restart nothing is looked at twice") func ends() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["a": [1, 2]])
            _ = try await server.client.value("POST", "/api/v1/runs/\(run)/finish", json: FinishRunRequest(state: .failed), as: RunRecord.self)
            #expect(try await server.findings(run).findings.map(\.kind) == [.failed])
            let going = try await server.makeRun(logging: ["a": [1, 2]])
            _ = try await server.findings(going)
            await server.server.health!.stop()

            #expect(try server.store.unexamined(limit: 9) == [])
            #expect(try await server.client.get("/api/v1/runs/\(run)/findings").status == 200)          // says that it is not complete
            let second = HealthMonitor(store: server.store)
            second.start(server.store.changes())
            #expect(await second.settle(run, within: .seconds(60)))
            await second.stop()
            #expect(second.counters.points == 2)                                  // only of the one that was asked for
        }
    }

    @Test("docs/health.md holds every rule, word for word") func documented() throws {
        let prose = try Repository.text("docs/health.md")
        for kind in FindingKind.allCases { #expect(prose.contains("| `\(kind.rawValue)` |") && prose.contains(FindingWords(kind).rule), "\(kind)") }
    }

    @Test("what was looked at is counted in /metrics") func counted() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["a": [1, .nan]])
            _ = try await server.findings(run)

            let text = String(decoding: try await server.client.get("/metrics").body, as: UTF8.self)
            #expect(text.contains("\ntrack_health_points_total 2\n") && text.contains("\ntrack_health_failures_total 0\n"))
        }
    }
}

extension TestServer {
    /// A run's findings, once everything has been looked at.
    fileprivate func findings(_ run: RunID) async throws -> FindingList {
        while true {
            let list: FindingList = try await client.value("GET", "/api/v1/runs/\(run)/findings")
            if list.complete { return list }
        }
    }

    fileprivate func log(_ run: RunID, _ columns: [String: [Double]], from step: Int, sequence: Int) async throws {
        let count = columns.values.first!.count
        let batch = Batch(writer: "test", sequence: UInt64(sequence), steps: (0..<count).map { Int64(step + $0) }, times: (0..<count).map { Int64($0) },
                          columns: columns.map { Batch.Column(name: $0.key, values: $0.value) })
        let answer = try await client.send("POST", "/api/v1/runs/\(run)/batches", headers: ["Content-Type": BatchCodec.contentType], body: BatchCodec.encode(batch))
        _ = try answer.decode(BatchAcknowledgement.self)
    }
}

@Suite("The agenda of the health monitor") struct HealthAgendaTests {
    private let a = RunID("aaaaaaaa")!
    private let b = RunID("bbbbbbbb")!

    @Test("takes runs in the order they became due, each at most once a second") func order() {
        var agenda = HealthAgenda()
        agenda.note(b, at: 1)
        agenda.note(a, at: 2)
        agenda.note(b, at: 3)
        #expect([agenda.next(at: 3), agenda.next(at: 3), agenda.next(at: 3)] == [b, a, nil])

        agenda.looked(at: b, seconds: 0, now: 3)
        agenda.note(b, at: 3.1)
        #expect(agenda.next(at: 3.9) == nil && agenda.wakeUp == 4)
        #expect(agenda.next(at: 4) == b && agenda.wakeUp == nil)
    }

    @Test("rests nine times as long as it worked; who is asked for does not wait") func rest() {
        var agenda = HealthAgenda()
        agenda.looked(at: b, seconds: 2, now: 10)
        agenda.note(a, at: 10)
        #expect(agenda.next(at: 27) == nil && agenda.wakeUp == 28)

        agenda.ask(b)
        #expect(agenda.wakeUp! < 10 && agenda.next(at: 10) == b)
        #expect(agenda.next(at: 28) == a)
    }

    @Test("forgets runs that are gone") func gone() {
        var agenda = HealthAgenda()
        agenda.note(a, at: 1)
        agenda.forget(a)
        #expect(agenda.next(at: 9) == nil && agenda.waiting == 0)
    }
}
