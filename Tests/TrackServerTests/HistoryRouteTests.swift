import Foundation
import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("Whole histories over HTTP") struct HistoryRouteTests {
    @Test("every point is answered as CSV and as JSON lines, of the metrics asked for; no file is left behind") func points() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": (0..<20_000).map(Double.init), "acc": (0..<20_000).map { _ in 0.5 }])

            let csv = try await server.client.get("/api/v1/points?runs=\(run)&metric=loss")
            let lines = csv.text.split(separator: "\n")
            #expect(csv.status == 200 && csv.headers["content-type"] == "text/csv" && csv.headers["content-disposition"]?.contains("points.csv") == true)
            #expect(lines.count == 20_001 && lines[0] == "run,name,metric,step,time_us,value" && lines[20_000].hasSuffix(",19999.0"))

            let json = try await server.client.get("/api/v1/points?runs=\(run)&metric=loss&metric=acc&format=jsonl")
            #expect(json.text.split(separator: "\n").count == 40_000)
            #expect(try await server.client.get("/api/v1/points?runs=\(run)").text.split(separator: "\n").count == 40_001)
        }
    }

    @Test("points of runs that are not there are refused by name") func refusals() async throws {
        try await TestServer.run { server async throws in
            let unknown = try await server.client.get("/api/v1/points?runs=aaaaaaaa"), wrong = try await server.client.get("/api/v1/points?runs=NO")
            #expect(unknown.status == 404 && unknown.refusal?.code == "unknown_run")
            #expect(wrong.status == 404 && wrong.refusal?.code == "unknown_run")
        }
    }

    @Test("what a metric was when another was best is answered with where that was") func best() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [3, 2, 4], "acc": [0.1, 0.2, 0.3]])

            let answer = try await server.client.post("/api/v1/series/best", #"{"runs":["\#(run)","aaaaaaaa"],"pairs":[{"metric":"acc","at":"loss"},{"metric":"loss","at":"acc"}]}"#)

            let values = try answer.decode(BestStepsAnswer.self).values
            #expect(values == [.init(run: run, metric: "acc", at: "loss", value: .number(0.2), step: 1, best: 2, bestStep: 1),
                               .init(run: run, metric: "loss", at: "acc", value: .integer(4), step: 2, best: 0.3, bestStep: 2)])
            #expect(try await server.client.post("/api/v1/series/best", #"{"runs":[],"pairs":[]}"#).refusal?.code == "invalid_parameter")
        }
    }
}
