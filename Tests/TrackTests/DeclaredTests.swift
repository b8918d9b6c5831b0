import Foundation
import Synchronization
import Testing
@testable import Track

/// Changes of declared values, from the client's side: a scripted server asks, and keeps the answers.
@Suite("Values that are changed from the run's page") struct DeclaredTests {
    private struct Unwanted: Error, CustomStringConvertible { let description = "not while it warms up" }

    @Test("a change is made once, in order, and answered by the return of the closure or by what it throws") func changes() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            let rates = Mutex<[Double]>([]), sizes = Mutex<[Int]>([]), words = Mutex<[String]>([])
            run.declare("learning_rate", value: 0.01, in: 1e-6...0.1) { new in
                if new == 0.05 { throw Unwanted() }
                rates.withLock { $0.append(new) }
            }
            run.declare("batch", value: 32, in: 1...256) { new in sizes.withLock { $0.append(new) } }
            run.declare("sampler", value: "greedy", of: ["greedy", "nucleus"]) { new in words.withLock { $0.append(new) } }
            try await eventually { fake.asking(run).declares.last?.map(\.name) == ["learning_rate", "batch", "sampler"] }
            #expect(fake.asking(run).declares.last == [
                DeclaredValue("learning_rate", value: 0.01, in: 1e-6...0.1), DeclaredValue("batch", value: 32, in: 1...256),
                DeclaredValue("sampler", value: "greedy", of: ["greedy", "nucleus"]),
            ])
            #expect(fake.asking(run).listens.allSatisfy { $0.isEmpty }, "a server from before there were values is told of no kind that it does not know")

            run.log(["loss": 1], step: 4)
            for rate in [0.02, 0.05, 0.03] { fake.ask(toSet: "learning_rate", to: .number(rate), of: run) }
            fake.ask(toSet: "batch", to: 64, of: run)
            fake.ask(toSet: "sampler", to: "nucleus", of: run)
            run.log(["loss": 1], step: 4)       // the answer to its batch brings them
            try await eventually { fake.asking(run).answers.count == 10 }
            run.log(["loss": 1], step: 5)
            await run.finish()

            let answers = fake.asking(run).answers
            #expect(rates.withLock { $0 } == [0.02, 0.03] && sizes.withLock { $0 } == [64] && words.withLock { $0 } == ["nucleus"])
            let ends = answers.filter { $0.body.state != .taken }
            #expect(answers.count == 10 && ends.map(\.command) == [1, 2, 3, 4, 5], "\(answers)")
            #expect(ends.map(\.body.state) == [.done, .refused, .done, .done, .done] && ends[1].body.message == "not while it warms up")
            #expect(ends.filter { $0.body.state == .done }.allSatisfy { $0.body.step == 4 })
        }
    }

    @Test("what cannot be is refused by the client, and what another process declared is left to it") func refusals() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            let calls = Mutex(0)
            run.declare("learning_rate", value: 0.01, in: 1e-6...0.1) { _ in calls.withLock { $0 += 1 } }
            run.declare("gone", value: 1, in: 0...2) { _ in calls.withLock { $0 += 1 } }
            run.undeclare("gone")
            run.declare("", value: 1, in: 0...2) { _ in }
            fake.ask(toSet: "learning_rate", to: 0.5, of: run)
            fake.ask(toSet: "gone", to: 2, of: run)
            fake.ask(toSet: "another's", to: 2, of: run)
            run.log(["loss": 1], step: 4)
            try await eventually { fake.asking(run).answers.count == 2 && fake.asking(run).declares.last?.map(\.name) == ["learning_rate"] }
            await run.finish()

            let answers = fake.asking(run).answers
            #expect(answers.map(\.command) == [1, 2] && answers.allSatisfy { $0.body.state == .refused } && calls.withLock { $0 } == 0)
            #expect(answers.map(\.body.message) == [
                "learning_rate cannot become 0.5: it is above 0.1, the greatest that the program takes.", "The program no longer lets gone be changed.",
            ])
        }
    }

    @Test("an answer may come later, from another thread") func later() async throws {
        try await asked { fake, settings in
            let run = try await Run.start(project: "p", settings: settings)
            let waiting = Mutex<[RunCommand]>([])
            run.declare(DeclaredValue("learning_rate", value: 0.01, in: 1e-6...0.1)) { command in waiting.withLock { $0.append(command) } }
            fake.ask(toSet: "learning_rate", to: 0.02, of: run)
            run.log(["loss": 1], step: 4)
            try await eventually { waiting.withLock { !$0.isEmpty } }
            let command = waiting.withLock { $0[0] }
            #expect(command.kind == .set && command.name == "learning_rate" && command.value == 0.02)
            command.done(step: 17)
            try await eventually { fake.asking(run).answers.count == 2 }
            await run.finish()

            #expect(fake.asking(run).answers.map(\.body) == [CommandAnswer(state: .taken), CommandAnswer(state: .done, step: 17)])
        }
    }

    @Test("the table tells what the server does not know, and lets one call follow the other") func table() {
        var table = ValueTable()
        #expect(!table.isNews && !table.hasDrifted)
        table.declare(DeclaredValue("a", value: 1, in: 0...9)) { _ in }
        table.declare(DeclaredValue("b", value: "x", of: ["x", "y"])) { _ in }
        #expect(table.isNews && table.hasDrifted)
        table.wereTold(table.values)
        #expect(!table.isNews && !table.hasDrifted)
        table.note(2, of: "a")
        #expect(!table.isNews && table.hasDrifted, "a value alone can wait")
        table.wasChanged("a", to: 3)
        table.wasChanged("b", to: "y")
        #expect(!table.hasDrifted && table.values.map(\.value) == [3, "y"], "the server heard of a change with its answer")
        table.declare(DeclaredValue("a", value: 3, in: 0...5)) { _ in }
        #expect(table.isNews && table.values.map(\.name) == ["a", "b"])
        let isDeclared = table.note(1, of: "c")
        #expect(!isDeclared)

        let change = CommandRecord(id: 1, run: RunID("ab2cd34e")!, kind: .set, askedAt: 0, name: "a", value: 4)
        let begins = table.enqueue(change) { _ in }
        let beginsAgain = table.enqueue(change) { _ in }
        #expect(begins && !beginsAgain)
        let calls = (0..<3).map { _ in table.nextCall()?.command }
        #expect(calls == [change, change, nil])
        let beginsAnew = table.enqueue(change) { _ in }
        #expect(beginsAnew)
    }

    @Test("a value that the program changes by itself is told with the next sign of life, five seconds after the last at most") func drift() {
        var delivery = Delivery(seed: 1, isCreated: true), waiting = Delivery.Waiting(records: true, isListening: true, hasNews: true, hasDrifted: true)
        #expect(delivery.next(at: .seconds(1), waiting: waiting) == .heartbeat)
        delivery.heartbeatAnswered(.answered(status: 200, body: Array("{}".utf8), retryAfter: nil), at: .seconds(1))

        waiting.hasNews = false
        #expect(delivery.next(at: .seconds(5), waiting: waiting) == .send(BatchBuilder.Limit()))
        #expect(delivery.next(at: .seconds(6), waiting: waiting) == .heartbeat)
        waiting.hasEnded = true
        #expect(delivery.next(at: .seconds(6), waiting: waiting) == .send(BatchBuilder.Limit()), "a run that has ended declares nothing")
    }

    private func asked(_ body: (AskingTrack, Settings) async throws -> Void) async throws {
        let fake = AskingTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        defer { server.stop() }
        try await body(fake, folder.settings(url: server.url))
    }
}

/// Waits for what is bound to come, half a minute at most.
func eventually(_ condition: () -> Bool, at place: SourceLocation = #_sourceLocation) async throws {
    for _ in 0..<3_000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(condition(), sourceLocation: place)
}
