import Foundation
import Testing
import TrackModel
import TrackStore

@Suite("A store, the filter language") struct RunsFilterTests {
    @Test("lets through what it says", arguments: StoreFactory.all)
    func filters(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            try await fill(store)
            let cases: [(String, [Int])] = [
                ("", [1, 2, 3, 4, 5, 6]),
                ("config.lr < 0.3", [1, 2]),
                ("config.lr >= 0.3 and config.model = vit", [4, 6]),
                ("config.model != vit", [1, 3, 5]),
                ("not config.model = vit", [1, 3, 5]),
                ("config.deep.x = 1", [3]),
                ("config.deep.x is missing", [1, 2, 4, 5, 6]),
                ("config.nothing is missing", [1, 2, 3, 4, 5, 6]),
                ("config.nothing = 3", []),
                ("config.flag = true", [5]),
                ("config.flag = 1", [5]),
                ("summary.loss.min < 0.3", [1, 2]),
                ("loss > 1.4", [5]),
                ("best(loss) < 0.3 or best(acc) > 0.5", [1, 2, 6]),
                ("summary.score = 7", [2]),
                ("tags has best", [2, 4]),
                ("tag:best lr>0.3", [4]),
                ("tag is missing", [1, 3, 5, 6]),
                ("state:failed", [3]),
                ("state in (failed, running) not tag:best", [1, 3, 5, 6]),
                ("name like \"R_n-%\" number <= 2", [1, 2]),
                ("name ~ \"[46]$\"", [4, 6]),
                ("model:v*", [2, 4, 6]),
                ("model in (vit, cnn)", [1, 2, 3, 4, 5, 6]),
                ("\"n-3\"", [3]),
                ("group is missing", [1, 2, 3, 4, 6]),
                ("group = g5 or (number > 5 and duration < 1h)", [5, 6]),
                ("created > 1h", [1, 2, 3, 4, 5, 6]),
                ("created < 2020-01-01", []),
                ("rows >= 2 lastStep = 2", [1, 2, 3, 4, 5]),
                ("name ~ \"(a+)+$\"", []),
            ]
            for (filter, expected) in cases {
                let page = try await store.runs(RunsQuery(project: "p", filter: filter, sort: "number"))
                #expect(page.runs.map(\.number) == expected && page.matched == expected.count && page.total == 6, "\(filter)")
            }
        }
    }

    @Test("is refused with the character where it fails", arguments: StoreFactory.all)
    func refused(factory: StoreFactory) async throws {
        try await withStore(factory) { store in
            try await fill(store)
            await #expect(throws: StoreError.invalidFilter(text: "lr <", position: 4, reason: "a value should be where the end is")) {
                try await store.runs(RunsQuery(project: "p", filter: "lr <"))
            }
        }
    }

    private func fill(_ store: any Store) async throws {
        for number in 1...6 {
            var config: JSONValue = ["lr": .number(Double(number) / 10), "model": number % 2 == 0 ? "vit" : "cnn"]
            if number == 3 { config = config.merging(["deep": ["x": 1]]) }
            if number == 5 { config = config.merging(["flag": true]) }
            let run = try await store.makeRun(CreateRunRequest(
                project: "p", name: "run-\(number)", config: config, group: number == 5 ? "g5" : nil, tags: number % 4 == 2 && number < 6 || number == 4 ? ["best", "x"] : nil)).run.id
            if number < 6 {
                let extras = number == 2 ? BatchExtras(summary: ["score": 7]) : BatchExtras()
                try await store.log(run, ["loss": [Double(number) / 10, 1 + Double(number) / 10]], steps: [1, 2], extras: extras)
            } else {
                try await store.log(run, ["acc": [0.6]], steps: [1])
            }
            if number == 3 { _ = try await store.finishRun(run, FinishRunRequest(state: .failed)) }
        }
    }
}
