import Foundation
import Testing
import TrackModel
import TrackSeries
import TrackTesting
@testable import TrackServer

@Suite("Series over HTTP") struct SeriesRouteTests {
    private static func query(_ run: RunID, _ more: String = "") -> String { #"{"runs":["\#(run)"],"metrics":["loss"],"buckets":10\#(more)}"# }

    @Test("of a finished run are named before they are made: asking again is answered 304, in each form by its own name") func tags() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [3, 2, 1]], finish: true), client = server.client
            let first = try await client.post("/api/v1/series/query", Self.query(run))
            let tag = try #require(first.headers["etag"])

            let again = try await client.post("/api/v1/series/query", Self.query(run), headers: ["If-None-Match": tag])
            let binary = try await client.post("/api/v1/series/query", Self.query(run), headers: ["If-None-Match": tag, "Accept": SeriesAnswer.binaryContentType])
            let other = try await client.post("/api/v1/series/query", Self.query(run, #","x":"wall""#), headers: ["If-None-Match": tag])
            #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag)
            #expect(binary.status == 200 && binary.headers["etag"] != tag && other.status == 200 && other.headers["etag"] != tag)

            let late = #"{"rows":[{"step":9,"values":{"loss":7}}]}"#
            #expect(try await client.post("/api/v1/runs/\(run)/batches", late).status == 200)
            let changed = try await client.post("/api/v1/series/query", Self.query(run), headers: ["If-None-Match": tag])
            #expect(changed.status == 200 && changed.headers["etag"] != tag)
            #expect(try changed.json()["series"]?[0]?["points"] == 4)
        }
    }

    @Test("of a run that goes on are named by what they hold") func running() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [1]]), path = "/api/v1/runs/\(run)/series?metric=loss"
            let tag = try #require(try await server.client.get(path).headers["etag"])

            #expect(try await server.client.get(path, headers: ["If-None-Match": tag]).status == 304)
            #expect(try await server.client.post("/api/v1/runs/\(run)/batches", #"{"rows":[{"step":5,"values":{"loss":2}}]}"#).status == 200)
            #expect(try await server.client.get(path, headers: ["If-None-Match": tag]).status == 200)
        }
    }

    @Test("a resumed and ended run has a name of its own each time") func resumed() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [3, 2, 1]], finish: true), client = server.client
            let tag = try #require(try await client.post("/api/v1/series/query", Self.query(run)).headers["etag"])
            let resume = #"{"id":"\#(run)","project":"test","resume":"must","resumeStep":1}"#

            #expect(try await client.post("/api/v1/runs", resume).status == 200)
            #expect(try await client.post("/api/v1/runs/\(run)/finish", #"{"state":"finished"}"#).status == 200)

            let answer = try await client.post("/api/v1/series/query", Self.query(run), headers: ["If-None-Match": tag])
            #expect(answer.status == 200)
            #expect(try answer.json()["series"]?[0]?["points"] == 1)
        }
    }

    @Test("a batch that claims a million rows and holds ten is refused by name, and nothing else suffers") func claims() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [1]])
            let batch = Batch(writer: "liar", sequence: 1, steps: (0..<10).map(Int64.init), times: (0..<10).map(Int64.init), columns: [.init(name: "loss", values: (0..<10).map(Double.init))])
            var bytes = BatchCodec.encode(batch)
            bytes.replaceSubrange(12..<16, with: withUnsafeBytes(of: UInt32(1_000_000).littleEndian, Array.init))

            let refused = try await server.client.send("POST", "/api/v1/runs/\(run)/batches", headers: ["Content-Type": BatchCodec.contentType], body: bytes)

            #expect(refused.status == 422 && refused.refusal?.code == "invalid_batch")
            #expect(refused.refusal?.message.contains("ends inside its steps and times") == true, "\(refused.text)")
            for count in [bytes.count / 2, 41, 39, 0] {
                let cut = try await server.client.send("POST", "/api/v1/runs/\(run)/batches", headers: ["Content-Type": BatchCodec.contentType], body: Array(BatchCodec.encode(batch).prefix(count)))
                #expect(cut.status == 422, "\(count): \(cut.text)")
            }
            #expect(try await server.client.get("/api/v1/runs/\(run)/series?metric=loss").json()["series"]?[0]?["points"] == 1)
        }
    }

    @Test("a repeated sequence with other bytes is answered like the first and changes nothing") func repeated() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(), path = "/api/v1/runs/\(run)/batches"
            let first = try await server.client.post(path, #"{"writer":"w","sequence":1,"rows":[{"step":1,"values":{"loss":1}}]}"#)
            let other = try await server.client.post(path, #"{"writer":"w","sequence":1,"rows":[{"step":1,"values":{"loss":99}},{"step":2,"values":{"acc":5}}]}"#)
            let gap = try await server.client.post(path, #"{"writer":"w","sequence":3,"rows":[{"step":3,"values":{"loss":1}}]}"#)

            #expect(first.status == 200 && other.status == 200)
            #expect(try other.json()["duplicate"] == true)
            #expect(gap.status == 409 && gap.refusal?.code == "sequence_gap" && gap.refusal?.details?["expected"] == 2)
            let series = try await server.client.get("/api/v1/runs/\(run)/series?metric=loss").json()["series"]?[0]
            #expect(series?["last"] == [1])
            #expect(try await server.client.get("/api/v1/runs/\(run)/series?metric=acc").json()["missing"]?[0]?["reason"] == "not_logged")
        }
    }
}

@Suite("Folding over HTTP") struct FoldingRouteTests {
    @Test("can be paused and resumed, and is seen in the metrics") func paused() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.client.send("PATCH", "/api/v1/folding", headers: ["Content-Type": "application/json"], body: Array(#"{"paused":true}"#.utf8)).json()["paused"] == true)
            _ = try await server.makeRun(logging: ["loss": [1, 2, 3]])

            let state = try await server.client.get("/api/v1/folding").json(), metrics = try await server.client.get("/metrics").text

            #expect(state["paused"] == true && state["tailRows"] == 3 && state["tailBatches"] == 1 && state["folds"] == 0)
            for line in ["track_store_folding_paused 1", "track_store_tail_rows 3", "track_store_tail_batches 1", "track_store_folds_total 0",
                         #"track_store_commit_batches_bucket{le="1"} 1"#, #"track_store_commit_batches_bucket{le="+Inf"} 1"#,
                         "track_store_commit_batches_sum 1", "track_store_commit_batches_count 1"] {
                #expect(metrics.contains("\n" + line + "\n"), "\(line) is not in\n\(metrics)")
            }
            #expect(try await server.client.send("PATCH", "/api/v1/folding", headers: ["Content-Type": "application/json"], body: Array(#"{"paused":false}"#.utf8)).json()["paused"] == false)
        }
    }
}

@Suite("Histograms over HTTP") struct HistogramRouteTests {
    @Test("are thinned by leaving out or by merging, and spread over common bins, counts conserved") func merged() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun()
            let slices = (0..<10).map { step in
                #"{"name":"w","step":\#(step),"time":\#(step),"edges":[0,1,\#(2 + step)],"counts":[1,\#(step)],"min":0,"max":1,"sum":1,"count":\#(1 + step),"nan":1}"#
            }
            #expect(try await server.client.post("/api/v1/runs/\(run)/batches", #"{"histograms":[\#(slices.joined(separator: ","))]}"#).status == 200)
            let path = "/api/v1/runs/\(run)/histograms/data?name=w&limit=4"

            let skipped = try await server.client.value("GET", path, as: HistogramAnswer.self)
            let merged = try await server.client.value("GET", path + "&thin=merge", as: HistogramAnswer.self)
            let spread = try await server.client.value("GET", path + "&thin=merge&bins=7", as: HistogramAnswer.self)

            #expect(skipped.slices.map(\.step) == [0, 3, 6, 9] && skipped.total == 10)
            #expect(merged.slices.map(\.step) == [1, 4, 6, 9] && merged.slices.map(\.nan) == [2, 3, 2, 3])
            for answer in [merged, spread] { #expect(answer.slices.flatMap(\.counts).reduce(0, +) == 55 && answer.slices.reduce(0) { $0 + $1.count } == 55) }
            #expect(spread.slices.allSatisfy { $0.edges == spread.slices[0].edges && $0.counts.count == 7 } && spread.slices[0].edges.last == 11)
            #expect(try await server.client.get(path + "&bins=0").status == 400)
        }
    }

    @Test("of many runs are named for a project and read in one request") func many() async throws {
        try await TestServer.run { server async throws in
            var runs: [RunID] = []
            for place in 0..<3 {
                let run = try await server.makeRun()
                let slices = (0...place).map { #"{"name":"w","step":\#(10 * $0),"time":2000000,"edges":[0,1],"counts":[1],"min":0,"max":1,"sum":1,"count":1,"nan":0}"# }
                #expect(try await server.client.post("/api/v1/runs/\(run)/batches", #"{"histograms":[\#(slices.joined(separator: ","))]}"#).status == 200)
                runs.append(run)
            }
            let project = try await server.store.run(runs[0]).project
            let ids = runs.map { "\"\($0)\"" }.joined(separator: ",")

            let names = try await server.client.get("/api/v1/projects/\(project)/histograms?runs=\(runs[0]),\(runs[2])").json()
            #expect(names == ["histograms": [["name": "w", "runs": 2, "lastStep": 20, "lastSeenAt": 2_000]]])
            let all = try await server.client.post("/api/v1/histograms/query", #"{"runs":[\#(ids),"aaaaaaaa"],"names":["w","v"],"limit":2,"mostRuns":2}"#).decode(HistogramsAnswer.self)
            #expect(all.histograms.map(\.run) == [runs[0], runs[1]] && all.histograms.map { $0.slices.map(\.step) } == [[0], [0, 10]])
            #expect(all.names == [.init(name: "w", runs: 3), .init(name: "v", runs: 0)])
            let late = try await server.client.post("/api/v1/histograms/query", #"{"runs":[\#(ids)],"names":["w"],"from":1,"limit":1}"#).decode(HistogramsAnswer.self)
            #expect(late.histograms.map { $0.slices.map(\.step) } == [[], [10], [20]] && late.histograms.map(\.total) == [1, 2, 3])
        }
    }

    private struct HistogramAnswer: Decodable { var slices: [HistogramRecord]; var total: Int }
}
