import Foundation
import Testing
import TrackModel
import TrackStore

@Suite("A store, projects and runs") struct StoreRunTests {
    @Test("refuses what it does not know", arguments: StoreFactory.all)
    func refusals(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let nobody = RunID("aaaaaaaa")!
            await #expect(throws: StoreError.unknownRun("aaaaaaaa")) { try await store.run(nobody) }
            await #expect(throws: StoreError.unknownRun("aaaaaaaa")) { try await store.log(nobody, ["a": [1]], steps: [1]) }
            await #expect(throws: StoreError.unknownRun("aaaaaaaa")) { try await store.makeRun(CreateRunRequest(id: nobody, project: "p", resume: .must)) }
            await #expect(throws: StoreError.unknownProject("p")) { try await store.runs(RunsQuery(project: "p")) }
            await #expect(throws: StoreError.invalidName(kind: "Project", value: "", reason: "it is empty")) { try await store.newRun(project: "") }
            let run = try await store.newRun()
            await #expect(throws: StoreError.runExists(run)) { try await store.newRun(run) }
            await #expect(throws: StoreError.self) { try await store.makeRun(CreateRunRequest(id: run, project: "other", resume: .allow)) }
            await #expect(throws: StoreError.self) { try await store.finishRun(run, FinishRunRequest(state: .running)) }
            await #expect(throws: StoreError.self) { try await store.runs(RunsQuery(project: "p", sort: "shoe")) }
            await #expect(throws: StoreError.unknownView("v")) { try await store.view(project: "p", id: "v") }
            await #expect(throws: StoreError.unknownKey("k")) { try await store.deleteKey("k") }
            await #expect(throws: StoreError.unknownMetric("w", run: run)) { try await store.histograms(run, name: "w", from: nil, to: nil, limit: 5) }
        }
    }

    @Test("creating a run makes its project, a name, a number and a colour", arguments: StoreFactory.all)
    func creates(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let first = try await store.makeRun(CreateRunRequest(project: "p", config: ["lr": 0.5], tags: ["a", "b", "a"]))
            let second = try await store.makeRun(CreateRunRequest(project: "p", name: "mine", group: "g", notes: "n"))

            #expect(first.run.number == 1 && first.run.color == 0 && first.run.tags == ["a", "b"] && first.attempt == 1 && !first.resumed && first.nextStep == 0)
            #expect(first.run.name.wholeMatch(of: /[a-z]+-[a-z]+-1/) != nil)
            #expect(second.run.number == 2 && second.run.color == 1 && second.run.name == "mine" && second.run.group == "g")
            let project = try await store.project("p")
            #expect(project.runs == 2 && project.running == 2 && project.activity.last == 2 && project.activity.count == 30)
        }
    }

    @Test("the same request with the same key is answered as the first time", arguments: StoreFactory.all)
    func idempotent(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let request = CreateRunRequest(id: RunID("abcdefgh"), project: "p", idempotencyKey: "k1")
            let first = try await store.makeRun(request), again = try await store.makeRun(request)
            #expect(again.run.id == first.run.id && again.attempt == 1 && !again.resumed)

            var resume = request
            (resume.resume, resume.idempotencyKey) = (.allow, "k2")
            let resumed = try await store.makeRun(resume), resumedAgain = try await store.makeRun(resume)
            #expect(resumed.attempt == 2 && resumedAgain.attempt == 2 && resumedAgain.run.attempts?.count == 2)
        }
    }

    @Test("lists runs sorted, paged and thinned to columns", arguments: StoreFactory.all)
    func lists(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            for number in 1...7 {
                let run = try await store.makeRun(CreateRunRequest(project: "p", name: "r\(number)", config: ["lr": .number(Double((number * 3) % 7)), "x": ["y": 1]])).run.id
                if number != 4 { try await store.log(run, ["loss": [Double(number % 4), 5]], steps: [1, 2]) }
            }

            func names(_ sort: String?, cursor: String? = nil, limit: Int = 100) async throws -> ([String], String?) {
                let page = try await store.runs(RunsQuery(project: "p", sort: sort, cursor: cursor, limit: limit))
                #expect(page.total == 7 && page.matched == 7)
                return (page.runs.map(\.name), page.nextCursor)
            }
            #expect(try await names(nil).0 == ["r7", "r6", "r5", "r4", "r3", "r2", "r1"])
            #expect(try await names("config.lr").0 == ["r7", "r5", "r3", "r1", "r6", "r4", "r2"])
            #expect(try await names("summary.loss.min,-name").0 == ["r5", "r1", "r6", "r2", "r7", "r3", "r4"])
            #expect(try await names("-summary.loss.min,name").0 == ["r3", "r7", "r2", "r6", "r1", "r5", "r4"])
            let page = try await names("name", limit: 3)
            let next = try await names("name", cursor: page.1, limit: 3)
            let end = try await names("name", cursor: next.1, limit: 3)
            #expect(page.0 + next.0 + end.0 == (1...7).map { "r\($0)" } && end.1 == nil)
            let thin = try await store.runs(RunsQuery(project: "p", limit: 1, columns: ["config.x"])).runs[0]
            #expect(thin.config == ["x": ["y": 1]] && thin.summary == [:])
        }
    }

    @Test("finishes, renames and revives runs", arguments: StoreFactory.all)
    func lives(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            let ended = try await store.finishRun(run, FinishRunRequest(state: .failed, exitCode: 3, report: ["dropped": 0]))
            #expect(ended.state == .failed && ended.finishedAt != nil && !ended.live && ended.report == ["dropped": 0])
            try await store.log(run, ["a": [1]], steps: [1])
            let renamed = try await store.updateRun(run, UpdateRunRequest(name: "new", tags: ["t"], notes: "n", group: "g", color: 9))
            #expect(renamed.name == "new" && renamed.tags == ["t"] && renamed.color == 9 && renamed.points == 1)
            let back = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .allow))
            #expect(back.run.state == .running && back.run.live && back.run.finishedAt == nil && back.nextStep == 2)
            #expect(try await store.heartbeat(run, attempt: 2).live)
        }
    }

    @Test("a deleted run is gone, with its project's other runs untouched", arguments: StoreFactory.all)
    func deletes(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun(), other = try await store.newRun()
            try await store.log(run, ["a": [1]], steps: [1])
            try await store.log(other, ["a": [2]], steps: [1])
            _ = try await store.deleteRun(run)
            await #expect(throws: StoreError.unknownRun(run.text)) { try await store.run(run) }
            #expect(try await store.buckets(other, "a")?.points == 1)
            _ = try await store.deleteProject("p")
            #expect(try await store.projects().isEmpty)
        }
    }

    @Test("keys are shown once, checked by hash, and expire", arguments: StoreFactory.all)
    func keys(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            #expect(try await store.hasKeys() == false)
            let (key, record) = try await store.makeKey(name: "ci", scope: .write, expiresAt: nil)
            #expect(key.wholeMatch(of: /trk-[A-Za-z0-9]{40}/) != nil && record.prefix == String(key.prefix(8)))
            #expect(try await store.authenticate(key: key)?.id == record.id)
            #expect(try await store.authenticate(key: key + "x") == nil)
            #expect(try await store.keys().first?.lastUsedAt != nil)
            try await store.deleteKey(record.id)
            #expect(try await store.authenticate(key: key) == nil)
            #expect(try await store.keys().isEmpty)
            let soon = try await store.makeKey(name: "soon", scope: .read, expiresAt: Int64(Date().timeIntervalSince1970 * 1000) + 30)
            try await Task.sleep(for: .milliseconds(50))
            #expect(try await store.authenticate(key: soon.key) == nil)
        }
    }

    @Test("views are saved and read back", arguments: StoreFactory.all)
    func views(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await store.makeProject("p", description: "d")
            let saved = try await store.saveView(project: "p", id: "v1", name: "mine", shared: true, state: ["x": [1, 2]])
            #expect(try await store.view(project: "p", id: "v1") == saved)
            #expect(try await store.views(project: "p").map(\.name) == ["mine"])
            try await store.deleteView(project: "p", id: "v1")
            #expect(try await store.views(project: "p").isEmpty)
        }
    }

    @Test("tells every committed change to those who listen", arguments: StoreFactory.all)
    func changes(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let stream = store.changes()
            let run = try await store.newRun()
            try await store.log(run, ["a": [1], "b": [2]], steps: [4], extras: BatchExtras(logs: [.init(time: 1, stream: "s", text: "t")]))
            _ = try await store.deleteRun(run)

            var seen: [String] = []
            for await change in stream {
                switch change {
                case .run(let record): seen.append("run \(record.id == run) \(record.config == nil)")
                case .rows(let project, _, let last, let rows, let points, let metrics): seen.append("rows \(project) \(last) \(rows) \(points) \(metrics.sorted())")
                case .media(let project, _, let names): seen.append("media \(project) \(names)")
                case .logs(_, _, let total): seen.append("logs \(total)")
                case .deleted: seen.append("deleted")
                case .histograms, .events, .findings, .command: seen.append("unexpected")
                }
                if case .deleted = change { break }
            }
            #expect(seen == ["run true true", "logs 1", "rows p 4 1 2 [\"a\", \"b\"]", "deleted"])
        }
    }

    @Test("tells of a run no fewer points than it has told of already", arguments: StoreFactory.all)
    func changesAgree(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            let run = try await store.newRun()
            var changes = store.changes().makeAsyncIterator()
            for (number, kinds) in [[CommandKind.stop], [], [.stop]].enumerated() {
                try await store.log(run, ["a": [1]], steps: [Int64(number)], sequence: UInt64(number + 1))
                _ = try await store.heartbeat(run, attempt: 1, listens: kinds)
                var told: RunRecord?
                while told == nil, let change = await changes.next() { if case .run(let record) = change { told = record } }
                #expect(told?.points == number + 1 && told?.rows == number + 1 && told?.lastStep == Int64(number))
            }
        }
    }
}
