import Testing
import TrackModel
@testable import TrackStore

@Suite("Commands to running programs") struct CommandTests {
    @Test("are refused where nobody would do them", arguments: StoreFactory.all)
    func refusals(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let nobody = RunID("aaaaaaaa")!, deaf = try await store.newRun(), ended = try await store.listening([.stop])
            _ = try await store.finishRun(ended, FinishRunRequest())
            let run = try await store.listening([.stop])
            let command = try await store.ask(run, for: .stop, by: nil).command

            await #expect(throws: StoreError.unknownRun("aaaaaaaa")) { try await store.ask(nobody, for: .stop, by: nil) }
            await #expect(throws: StoreError.notListening(deaf, kind: .stop)) { try await store.ask(deaf, for: .stop, by: nil) }
            await #expect(throws: StoreError.notListening(run, kind: .checkpoint)) { try await store.ask(run, for: .checkpoint, by: nil) }
            await #expect(throws: StoreError.notRunning(ended, state: .finished)) { try await store.ask(ended, for: .stop, by: nil) }
            await #expect(throws: StoreError.unknownCommand("\(command.id)", run: deaf)) { try await store.answer(command.id, of: deaf, CommandAnswer(state: .done)) }
            await #expect(throws: StoreError.invalidParameter(name: "state", value: "waiting", reason: "a program answers taken, done or refused")) {
                try await store.answer(command.id, of: run, CommandAnswer(state: .waiting))
            }
            let long = String(repeating: "x", count: 1_001)
            await #expect(throws: StoreError.invalidParameter(name: "message", value: long, reason: "it has 1001 bytes, 1000 are allowed")) {
                try await store.answer(command.id, of: run, CommandAnswer(state: .refused, message: long))
            }
            #expect(try await store.commands(run, limit: 9) == [command])
        }
    }

    @Test("reach the program with the answers to its batches and heartbeats until it has answered", arguments: StoreFactory.all)
    func delivery(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.listening([.stop, .checkpoint])
            #expect(try await store.log(run, ["loss": [1]], steps: [1]).commands == nil)
            #expect(try await store.heartbeat(run, attempt: 1).commands == nil)

            let (save, _) = try await store.ask(run, for: .checkpoint, by: "laptop")
            let again = try await store.ask(run, for: .checkpoint, by: "phone")
            #expect(again.command == save && !again.isNew && save.by == "laptop" && save.state == .waiting)
            #expect(try await store.log(run, ["loss": [1]], steps: [2], sequence: 2).commands == [save])
            #expect(try await store.log(run, ["loss": [1]], steps: [2], sequence: 2).commands == [save], "also a repeated batch tells")

            let taken = try await store.answer(save.id, of: run, CommandAnswer(state: .taken))
            #expect(taken.state == .taken && taken.takenAt != nil)
            #expect(try await store.heartbeat(run, attempt: nil).commands == [taken], "other processes of the run hear of it, too")

            let done = try await store.answer(save.id, of: run, CommandAnswer(state: .done, message: "saved/2"))
            #expect(done.state == .done && done.step == 2 && done.message == "saved/2" && done.endedAt != nil)
            #expect(try await store.answer(save.id, of: run, CommandAnswer(state: .done, step: 9)) == done, "a repeated answer changes nothing")
            await #expect(throws: StoreError.commandEnded(save.id, state: .done)) { try await store.answer(save.id, of: run, CommandAnswer(state: .refused)) }
            #expect(try await store.log(run, ["loss": [1]], steps: [3], sequence: 3).commands == nil)

            let events = try await store.events(run)
            #expect(events.map(\.kind) == ["checkpoint"] && events[0].step == 2 && events[0].title == "Checkpoint saved")
            #expect(events[0].text == "Asked for by laptop. saved/2")
            let next = try await store.ask(run, for: .checkpoint, by: nil)
            #expect(next.isNew && next.command.id != save.id)
        }
    }

    @Test("a refused one leaves no event", arguments: StoreFactory.all)
    func refused(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.listening([.checkpoint]), command = try await store.ask(run, for: .checkpoint, by: nil).command

            let answered = try await store.answer(command.id, of: run, CommandAnswer(state: .refused, step: 4, message: "no folder"))

            #expect(answered.state == .refused && answered.message == "no folder" && answered.step == 4)
            #expect(try await store.events(run).isEmpty)
        }
    }

    @Test("expire when the run ends, and when another process takes it up", arguments: StoreFactory.all)
    func expiry(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.listening([.stop, .checkpoint])
            let save = try await store.ask(run, for: .checkpoint, by: nil).command
            let resumed = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must))
            #expect(resumed.run.listens == nil, "the new process has not said that it listens")
            #expect(try await store.commands(run, limit: 9).map(\.state) == [.expired])
            #expect(try await store.log(run, ["loss": [1]], steps: [1], attempt: 2).commands == nil)

            #expect(try await store.heartbeat(run, attempt: 1, listens: [.stop]).listens == nil, "an older process is not asked")
            #expect(try await store.heartbeat(run, attempt: 2, listens: [.stop]).listens == [.stop])
            let stop = try await store.ask(run, for: .stop, by: nil).command
            _ = try await store.answer(stop.id, of: run, CommandAnswer(state: .taken))
            let ended = try await store.finishRun(run, FinishRunRequest())
            #expect(ended.listens == nil)
            #expect(try await store.commands(run, limit: 9).map(\.state) == [.expired, .expired])
            #expect(try await store.commands(run, limit: 1).map(\.id) == [stop.id], "the newest first")
            await #expect(throws: StoreError.commandEnded(save.id, state: .expired)) { try await store.answer(save.id, of: run, CommandAnswer(state: .done)) }
            #expect(try await store.heartbeat(run, attempt: 2, listens: [.stop]).listens == nil, "a run that has ended listens to nothing")
        }
    }

    @Test("many runs are asked at once, and told apart", arguments: StoreFactory.all)
    func many(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let nobody = RunID("aaaaaaaa")!, deaf = try await store.newRun(), ended = try await store.listening([.stop])
            _ = try await store.finishRun(ended, FinishRunRequest())
            let first = try await store.listening([.stop]), second = try await store.listening([.stop])
            let before = try await store.ask(second, for: .stop, by: nil).command

            let answer = try await store.ask([first, deaf, nobody, second, first, ended], for: .stop, by: nil)

            #expect(answer.commands.map(\.run) == [first, second] && answer.commands[1] == before)
            #expect(answer.deaf == [deaf] && answer.ended == [ended] && answer.unknown == [nobody])
            await #expect(throws: StoreError.invalidParameter(name: "runs", value: "10001 ids", reason: "10000 are the most at once")) {
                try await store.ask([RunID](repeating: first, count: 10_001), for: .stop, by: nil)
            }
        }
    }

    @Test("are there again after a restart, told to listeners, and gone with their run")
    func restart() async throws {
        try await withFolder { folder in
            var store = try StoreFactory.sqlite.open(folder, StoreOptions())
            let run = try await store.listening([.stop])
            let changes = store.changes()
            let stop = try await store.ask(run, for: .stop, by: nil).command
            var iterator = changes.makeAsyncIterator()
            guard case .command("p", stop)? = await iterator.next() else { Issue.record("nobody was told"); return }
            try await store.close()

            store = try StoreFactory.sqlite.open(folder, StoreOptions())
            #expect(try await store.log(run, ["loss": [1]], steps: [1]).commands == [stop])
            _ = try await store.deleteRun(run)
            let left = try await (store as! SQLiteStore).read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM command") }
            #expect(left == 0)
            try await store.close()
        }
    }
}

extension Store {
    /// A run whose program has said what it listens to.
    fileprivate func listening(_ kinds: [CommandKind]) async throws -> RunID {
        let run = try await newRun()
        #expect(try await heartbeat(run, attempt: 1, listens: kinds).listens == CommandKind.allCases.filter(kinds.contains))
        return run
    }
}
