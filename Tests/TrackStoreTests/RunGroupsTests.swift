import Foundation
import Testing
import TrackModel
import TrackStore

@Suite("Groups of runs and the keys they share")
struct RunGroupsTests {
    /// Twelve runs: optimizer adam, lion or missing; depth 1 … 12; loss = depth / 10, of run 4 NaN.
    private func filled(_ store: any Store) async throws -> [RunID] {
        var ids: [RunID] = []
        for number in 1...12 {
            let optimizer: JSONValue = number % 3 == 0 ? [:] : ["optimizer": number % 3 == 1 ? "adam" : "lion \"big\""]
            let run = try await store.newRun(config: optimizer.merging(["depth": .integer(Int64(number))]))
            try await store.log(run, ["val/loss": [number == 4 ? .nan : Double(number) / 10]], steps: [1])
            ids.append(run)
        }
        _ = try await store.finishRun(ids[0], FinishRunRequest())
        return ids
    }

    @Test("have counts, states, and mean, spread and range of the columns' finite numbers", arguments: StoreFactory.all)
    func summaries(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await filled(store)
            let answer = try await store.runGroups(RunGroupsQuery(project: "p", by: ["config.optimizer"], columns: ["summary.val/loss.min", "config.depth"]))
            #expect(answer.total == 3 && answer.matched == 12)
            #expect(answer.groups.map(\.values) == [["adam"], ["lion \"big\""], [nil]])     // what is missing is a group of its own, and last
            let adam = answer.groups[0], depth = try #require(adam.columns["config.depth"]), loss = try #require(adam.columns["summary.val/loss.min"])
            #expect(adam.runs == 4 && adam.states == ["running": 3, "finished": 1])
            #expect(depth.count == 4 && depth.mean == 5.5 && depth.min == 1 && depth.max == 10)
            #expect(abs(depth.std - 15.0.squareRoot()) < 1e-12)                              // of 1, 4, 7, 10
            #expect(loss.count == 3 && abs(loss.mean - 0.6) < 1e-12)                          // run 4 has no finite loss
        }
    }

    @Test("each carry the filter that lists exactly their members", arguments: StoreFactory.all)
    func filters(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await filled(store)
            for by in [["config.optimizer"], ["state", "config.optimizer"], ["config.depth"], ["summary.val/loss.max"]] {
                let answer = try await store.runGroups(RunGroupsQuery(project: "p", by: by))
                #expect(answer.groups.map(\.runs).reduce(0, +) == 12)
                for group in answer.groups where !group.values.contains(where: { $0.doubleValue?.isNaN ?? false }) {
                    let members = try await store.runs(RunsQuery(project: "p", filter: group.filter))
                    #expect(members.matched == group.runs, "\(group.filter)")
                }
            }
        }
    }

    @Test("of truth values are told from those of numbers", arguments: StoreFactory.all)
    func flags(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            for value in [true, 1, false, 0, "true"] as [JSONValue] { _ = try await store.newRun(config: ["flag": value]) }
            let groups = try await store.runGroups(RunGroupsQuery(project: "p", by: ["config.flag"])).groups
            #expect(groups.count == 5 && Set(groups.map(\.values)) == [[true], [1], [false], [0], ["true"]], "\(groups.map(\.values))")
        }
    }

    @Test("count only runs that the filter lets through, and come in pages", arguments: StoreFactory.all)
    func pages(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await filled(store)
            var query = RunGroupsQuery(project: "p", by: ["config.depth"], filter: "config.depth > 2", limit: 4, offset: 8)
            let last = try await store.runGroups(query)
            #expect(last.total == 10 && last.groups.map(\.values) == [[11], [12]])              // numbers by size, not by spelling
            query.by = []
            await #expect(throws: StoreError.self) { try await store.runGroups(query) }
            query.by = ["colour"]
            await #expect(throws: StoreError.self) { try await store.runGroups(query) }
            (query.by, query.offset) = (["config.unheard"], 0)
            #expect(try await store.runGroups(query).groups.map(\.values) == [[nil]])
        }
    }

    @Test("keys tell their type, range and number of runs; values come most common first", arguments: StoreFactory.all)
    func keys(_ factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            _ = try await filled(store)
            _ = try await store.newRun(config: ["depth": "deep", "optimizer": "adam"])
            let keys = try await store.runKeys(project: "p")
            #expect(keys.map(\.key) == ["config.depth", "config.optimizer"])
            #expect(keys.map(\.type) == ["mixed", "text"] && keys.map(\.runs) == [13, 9])
            #expect(keys[0].min == 1 && keys[0].max == 12 && keys[1].min == nil)
            let values = try await store.runKeyValues(project: "p", key: "config.optimizer", limit: 1)
            #expect(values == [RunKeyValue(value: "adam", runs: 5)])
            #expect(try await store.runKeyValues(project: "p", key: "state", limit: 9) == [RunKeyValue(value: "running", runs: 12), RunKeyValue(value: "finished", runs: 1)])
        }
    }
}
