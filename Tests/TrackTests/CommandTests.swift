import Foundation
import Synchronization
import Testing
import Track

/// What the server asks of the program, from the client's side: a scripted server asks, and keeps the answers.
@Suite("Commands from the run's page") struct CommandTests {
    @Test("a program that never looks listens to nothing") func deaf() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            fake.ask("stop", of: run)
            run.log(["loss": 1], step: 1)
            await run.finish()

            let seen = fake.asking(run)
            #expect(seen.listens.isEmpty && seen.answers.isEmpty)
        }
    }

    @Test("the first look makes the run listen; a stop is seen by the loop and answered by the end") func loop() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            #expect(!run.isStopRequested)
            try await eventually { fake.asking(run).listens == [["stop"]] }
            fake.ask("stop", of: run)
            fake.ask("checkpoint", of: run)

            var step = 0
            while !run.isStopRequested {
                step += 1
                run.log(["loss": 1], step: step)
                try await Task.sleep(for: .milliseconds(2))
                if step > 30_000 { Issue.record("the stop never came"); break }
            }
            try await eventually { fake.asking(run).answers.map(\.body.state) == [.taken] }
            await run.finish()

            let answers = fake.asking(run).answers
            #expect(answers.map(\.body.state) == [.taken, .done] && answers[1].body.step == Int64(step), "\(answers)")
            #expect(fake.run(run.id.text)?.finished?.state == .finished && run.isStopRequested)
            #expect(fake.asking(run).listens == [["stop"]], "what is known is told once")
        }
    }

    @Test("a listener is called once for each command, off the thread that logs, and answers in the background") func listener() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            let calls = Mutex<[RunCommand]>([])
            run.onCommand(.checkpoint) { command in
                calls.withLock { $0.append(command) }
                command.done(step: 5, "saved/5")
                command.refuse("too late: the first answer counts")
            }
            fake.ask("checkpoint", of: run, by: "laptop")
            run.log(["loss": 1], step: 9)
            try await eventually { fake.asking(run).answers.count == 2 }
            run.log(["loss": 1], step: 10)
            await run.finish()

            let answers = fake.asking(run).answers
            #expect(answers.map(\.body) == [CommandAnswer(state: .taken), CommandAnswer(state: .done, step: 5, message: "saved/5")])
            #expect(calls.withLock { $0.map(\.by) } == ["laptop"] && calls.withLock { $0.map(\.kind) } == [.checkpoint])
        }
    }

    @Test("answers wait for a server that is down, and one that it refuses is not sent for ever") func refusedAnswers() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            run.onCommand(.stop) { $0.refuse(String(repeating: "x", count: 5_000)) }
            fake.state.withLock { $0.replies = [503, 409] }
            fake.ask("stop", of: run)
            run.log(["loss": 1], step: 1)
            try await eventually { fake.asking(run).answers.count == 3 }
            let report = await run.finish()

            let answers = fake.asking(run).answers
            #expect(answers.map(\.body.state) == [.taken, .taken, .refused] && answers[2].body.message?.utf8.count == 997)
            #expect(report.isComplete && report.storedRows == 1)
        }
    }

    @Test("a listener that is taken away is told to the server, and offline nothing is asked") func ends() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            run.onCommand(.stop) { _ in }
            run.onCommand(.checkpoint) { _ in }
            try await eventually { fake.asking(run).listens.last == ["stop", "checkpoint"] }
            run.onCommand(.stop, nil)
            try await eventually { fake.asking(run).listens.last == ["checkpoint"] }
            await run.finish()

            var offline = settings
            offline.mode = .offline
            let quiet = try await Run.start(project: "p", settings: offline)
            quiet.onCommand(.stop) { _ in }
            #expect(!quiet.isStopRequested)
            await quiet.finish()
        }
    }

    private func asked(_ body: (AskingTrack, Settings) async throws -> Void) async throws {
        let fake = AskingTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        defer { server.stop() }
        try await body(fake, folder.settings(url: server.url))
    }
}
