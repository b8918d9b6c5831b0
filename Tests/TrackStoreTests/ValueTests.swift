import Foundation
import GRDB
import Testing
import TrackModel
@testable import TrackStore

@Suite("Changes of values that running programs declare") struct ValueTests {
    private static let rate = DeclaredValue("learning_rate", value: 0.01, in: 1e-6...0.1)
    private static let size = DeclaredValue("batch", value: 32, in: 1...256)

    @Test("are refused where nobody would make them", arguments: StoreFactory.all)
    func refusals(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let nobody = RunID("aaaaaaaa")!, deaf = try await store.newRun(), ended = try await store.declaring([Self.rate]), run = try await store.declaring([Self.rate, Self.size])
            _ = try await store.finishRun(ended, FinishRunRequest())

            for (run, name, value, refusal) in [
                (nobody, "learning_rate", 0.02, StoreError.unknownRun("aaaaaaaa")),
                (deaf, "learning_rate", 0.02, .undeclaredValue("learning_rate", run: deaf, declared: [])),
                (ended, "learning_rate", 0.02, .notRunning(ended, state: .finished)),
                (run, "rate", 0.02, .undeclaredValue("rate", run: run, declared: ["learning_rate", "batch"])),
                (run, "learning_rate", 0.5, .unacceptableValue(name: "learning_rate", value: "0.5", reason: "it is above 0.1, the greatest that the program takes")),
                (run, "learning_rate", "fast", .unacceptableValue(name: "learning_rate", value: "fast", reason: "it is not a number")),
                (run, "batch", 1.5, .unacceptableValue(name: "batch", value: "1.5", reason: "it is not a whole number")),
            ] as [(RunID, String, JSONValue, StoreError)] {
                await #expect(throws: refusal) { try await store.ask(run, toSet: name, to: value, by: nil) }
            }
            let kind = StoreError.invalidParameter(name: "kind", value: "set", reason: "a value is set with its name, of one run")
            await #expect(throws: kind) { try await store.ask(run, for: .set, by: nil) }
            await #expect(throws: kind) { try await store.ask([run], for: .set, by: nil) }
            await #expect(throws: StoreError.invalidParameter(name: "declares", value: "batch", reason: "it is declared twice")) {
                try await store.heartbeat(run, attempt: 1, listens: nil, declares: [Self.size, Self.size])
            }
            await #expect(throws: StoreError.self) { try await store.heartbeat(run, attempt: 1, listens: [.set]) }
            #expect(try await store.commands(run, limit: 9).isEmpty)
        }
    }

    @Test("reach the program, and are recorded with the value before and after, at their step", arguments: StoreFactory.all)
    func roundTrip(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.declaring([Self.rate, Self.size])
            #expect(try await store.log(run, ["loss": [1]], steps: [1]).changes == nil)

            let (asked, isNew) = try await store.ask(run, toSet: "batch", to: .number(64), by: "laptop")
            let again = try await store.ask(run, toSet: "batch", to: 64, by: "phone")
            #expect(isNew && !again.isNew && again.command == asked)
            #expect(asked.kind == .set && asked.name == "batch" && asked.value == 64 && asked.old == 32 && asked.by == "laptop")
            let told = try await store.log(run, ["loss": [1]], steps: [2], sequence: 2), beat = try await store.heartbeat(run, attempt: 1)
            #expect(told.changes == [asked] && told.commands == nil && beat.changes == [asked] && beat.commands == nil)

            let taken = try await store.answer(asked.id, of: run, CommandAnswer(state: .taken))
            #expect(try await store.heartbeat(run, attempt: 1).changes == [taken])
            let done = try await store.answer(asked.id, of: run, CommandAnswer(state: .done, step: 7))
            #expect(done.state == .done && done.step == 7 && done.old == 32)
            #expect(try await store.answer(asked.id, of: run, CommandAnswer(state: .done, step: 9)) == done, "a repeated answer changes nothing")
            #expect(try await store.run(run).declared?.map(\.value) == [0.01, 64])
            #expect(try await store.heartbeat(run, attempt: 1).changes == nil)

            let events = try await store.events(run)
            #expect(events.map(\.title) == ["batch 32 → 64"] && events[0].kind == "set" && events[0].step == 7 && events[0].text == "Asked for by laptop.")
            let refused = try await store.ask(run, toSet: "batch", to: 16, by: nil).command
            _ = try await store.answer(refused.id, of: run, CommandAnswer(state: .refused, message: "out of memory"))
            #expect(try await store.run(run).declared?[1].value == 64, "what the program refuses stays as it was")
            #expect(try await store.events(run).count == 1)
        }
    }

    @Test("of several that the program has not heard of the last one counts; the program's word on one that it had heard does, too", arguments: StoreFactory.all)
    func superseded(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.declaring([Self.rate, Self.size])
            let first = try await store.ask(run, toSet: "learning_rate", to: 0.02, by: nil).command
            let other = try await store.ask(run, toSet: "batch", to: 64, by: nil).command
            let second = try await store.ask(run, toSet: "learning_rate", to: 0.03, by: nil).command

            #expect(try await store.heartbeat(run, attempt: 1).changes == [other, second])
            #expect(try await store.commands(run, limit: 9).map(\.state) == [.waiting, .waiting, .superseded])

            // The first was on its way when the second was asked for.
            #expect(try await store.answer(first.id, of: run, CommandAnswer(state: .taken)).state == .taken)
            #expect(try await store.heartbeat(run, attempt: 1).changes?.map(\.id) == [first.id, other.id, second.id], "in the order in which they were asked for")
            #expect(try await store.answer(first.id, of: run, CommandAnswer(state: .done, step: 1)).endedAt != nil)
            let third = try await store.ask(run, toSet: "learning_rate", to: 0.05, by: nil).command
            #expect(try await store.heartbeat(run, attempt: 1).changes?.map(\.id) == [other.id, third.id])
            _ = try await store.answer(third.id, of: run, CommandAnswer(state: .done, step: 2))
            #expect(try await store.events(run).map(\.title) == ["learning_rate 0.01 → 0.02", "learning_rate 0.02 → 0.05"])
        }
    }

    @Test("what the program says of its values takes the place of what it said before, and ends with its process", arguments: StoreFactory.all)
    func declarations(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.declaring([Self.rate])
            let asked = try await store.ask(run, toSet: "learning_rate", to: 0.02, by: nil).command
            let changed = DeclaredValue("learning_rate", value: 0.005, in: 1e-6...0.1)
            #expect(try await store.heartbeat(run, attempt: 1, listens: nil, declares: [changed]).declared == [changed])
            #expect(try await store.heartbeat(run, attempt: 1, listens: [.stop]).declared == [changed], "what is not said again stays")
            #expect(try await store.answer(asked.id, of: run, CommandAnswer(state: .done, step: 3)).old == 0.005, "what it was when it was changed")

            let lost = try await store.ask(run, toSet: "learning_rate", to: 0.04, by: nil).command
            let resumed = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must))
            #expect(resumed.run.declared == nil && resumed.run.listens == nil)
            #expect(try await store.commands(run, limit: 1).map(\.state) == [.expired])
            await #expect(throws: StoreError.undeclaredValue("learning_rate", run: run, declared: [])) { try await store.ask(run, toSet: "learning_rate", to: 0.02, by: nil) }
            #expect(try await store.heartbeat(run, attempt: 1, listens: nil, declares: [Self.rate]).declared == nil, "an older process is not asked")
            #expect(try await store.heartbeat(run, attempt: 2, listens: nil, declares: [Self.size]).declared == [Self.size])
            #expect(try await store.heartbeat(run, attempt: 2, listens: nil, declares: []).declared == nil)
            _ = try await store.heartbeat(run, attempt: 2, listens: nil, declares: [Self.size])
            #expect(try await store.finishRun(run, FinishRunRequest()).declared == nil)
            await #expect(throws: StoreError.commandEnded(lost.id, state: .expired)) { try await store.answer(lost.id, of: run, CommandAnswer(state: .done)) }
        }
    }

    @Test("a database from before them keeps its commands, and takes changes") func earlierDatabase() async throws {
        try await withFolder { folder in
            let run = RunID("ab2cd34e")!, old = folder + "-migrations"
            defer { try? FileManager.default.removeItem(atPath: old) }
            try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: StoreFactory.migrations) where name < "0012" {
                try FileManager.default.copyItem(atPath: StoreFactory.migrations + "/" + name, toPath: old + "/" + name)
            }
            // A store of today cannot work on the tables of then: its rows are written as they were.
            let before = try DatabaseQueue(path: try Self.emptyDatabase(folder, migrations: old))
            try await before.write { db in
                try db.execute(sql: """
                    INSERT INTO project (name, created_ms, activity_ms) VALUES ('p', 1, 1);
                    INSERT INTO run (code, project_id, name, state, color, number, created_ms, started_ms, heartbeat_ms, listens)
                    VALUES ('ab2cd34e', 1, 'calm-wind-1', 'running', 0, 1, 1, 1, 1, '["stop"]');
                    INSERT INTO command (id, run_id, kind, state, asked_ms, asked_by, taken_ms, ended_ms, step, message) VALUES
                        (3, 1, 'checkpoint', 'done', 10, 'laptop', 11, 12, 7, 'saved/7'), (4, 1, 'stop', 'waiting', 20, NULL, NULL, NULL, NULL, NULL);
                    """)
            }
            try before.close()

            let store = try StoreFactory.sqlite.open(folder, StoreOptions())
            let commands = try await store.commands(run, limit: 9)
            #expect(commands == [
                CommandRecord(id: 4, run: run, kind: .stop, askedAt: 20),
                CommandRecord(id: 3, run: run, kind: .checkpoint, state: .done, askedAt: 10, by: "laptop", takenAt: 11, endedAt: 12, step: 7, message: "saved/7"),
            ])
            #expect(try await store.ask(run, for: .stop, by: nil).isNew == false, "one stop at a time")
            _ = try await store.heartbeat(run, attempt: 1, listens: nil, declares: [Self.rate])
            #expect(try await store.ask(run, toSet: "learning_rate", to: 0.02, by: nil).command.id == 5)
            #expect(try await store.answer(4, of: run, CommandAnswer(state: .done)).state == .done)
            try await store.close()
        }
    }

    /// - Returns: The path of a database with nothing in it, in the form of these migrations.
    private static func emptyDatabase(_ folder: String, migrations: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/track.sqlite", pool = try DatabasePool(path: path)
        try Migrations(folder: migrations).run(on: pool, backups: folder + "/backups")
        try pool.close()
        return path
    }
}

extension Store {
    /// A run whose program has declared these.
    fileprivate func declaring(_ values: [DeclaredValue]) async throws -> RunID {
        let run = try await newRun()
        #expect(try await heartbeat(run, attempt: 1, listens: nil, declares: values).declared == values)
        return run
    }
}
