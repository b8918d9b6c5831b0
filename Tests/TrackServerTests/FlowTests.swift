import Foundation
import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("A program that only speaks JSON") struct FlowTests {
    @Test("creates a run, logs rows with NaN in them, and reads them back") func nan() async throws {
        try await TestServer.run { server async throws in
            let client = server.client
            let created = try await client.post("/api/v1/runs", #"{"project":"mnist","config":{"lr":3e-4,"model":{"depth":2}}}"#)
            #expect(created.status == 201)
            let run = try #require(try created.json()["run"]?["id"]?.stringValue)

            let stored = try await client.post("/api/v1/runs/\(run)/batches",
                #"{"rows":[{"step":1,"values":{"loss":0.5}},{"step":2,"values":{"loss":"NaN"}},{"step":3,"values":{"train":{"acc":0.9},"loss":"-Infinity"}}]}"#)
            #expect(stored.status == 200)
            let receipt = try stored.json()
            #expect(receipt["rows"] == 3 && receipt["points"] == 4 && receipt["duplicate"] == false)
            let finished = try await client.post("/api/v1/runs/\(run)/finish", #"{"state":"finished","exitCode":0}"#)
            #expect(try finished.json()["state"] == "finished")

            let series = try #require(try await client.get("/api/v1/runs/\(run)/series?metric=loss&buckets=10").json()["series"]?[0])
            #expect(series["points"] == 3 && series["nan"] == 1 && series["negativeInfinity"] == 1 && series["raw"] == true)
            #expect(series["x0"] == [1, 2, 3])
            #expect(series["nanCount"] == [0, 1, 0])
            #expect(series["mean"] == [0.5, nil, nil])
            let record = try await client.get("/api/v1/runs/\(run)").json()
            #expect(record["config"]?["model"]?["depth"] == 2)
            let summary = record["summary"]?["loss"]
            #expect(summary?["count"] == 3 && summary?["nan"] == 1 && summary?["negativeInfinity"] == 1)
            #expect(summary?["last"]?.doubleValue == -.infinity && summary?["min"] == 0.5, "\(summary as Any)")
            #expect(record["summary"]?["train/acc"]?["last"] == 0.9)
        }
    }

    @Test("may repeat a numbered batch, and it counts once") func repeats() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun()
            let batch = #"{"writer":"w","sequence":1,"rows":[{"step":1,"values":{"loss":1}}]}"#

            let first = try await server.client.post("/api/v1/runs/\(run)/batches", batch)
            let second = try await server.client.post("/api/v1/runs/\(run)/batches", batch)

            #expect(first.text == #"{"run":"\#(run)","writer":"w","sequence":1,"rows":1,"points":1,"duplicate":false}"#)
            #expect(second.text == #"{"run":"\#(run)","writer":"w","sequence":1,"rows":1,"points":1,"duplicate":true}"#)
            #expect(try await server.client.value("GET", "/api/v1/runs/\(run)", as: RunRecord.self).points == 1)
        }
    }

    @Test("may send gzip") func gzip() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun()
            // {"rows":[{"step":5,"values":{"a":1}}]} compressed by gzip(1)
            let body = try #require(Data(base64Encoded: Self.zipped))

            let answer = try await server.client.send("POST", "/api/v1/runs/\(run)/batches", headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"], body: [UInt8](body))

            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await server.client.value("GET", "/api/v1/runs/\(run)", as: RunRecord.self).lastStep == 5)
        }
    }
    static let zipped = "H4sIAAAAAAAAA6tWKsovL1ayiq5WKi5JLVCyMtVRKkvMKU0FilUrJSpZGdbWxtYCACP1tjAmAAAA"

    @Test("lists projects and runs, renames, tags, filters and deletes") func lists() async throws {
        try await TestServer.run { server async throws in
            let client = server.client
            let (first, second) = (try await server.makeRun(project: "p", logging: ["loss": [3]]), try await server.makeRun(project: "p"))

            let renamed = try await client.send("PATCH", "/api/v1/runs/\(first)", json: UpdateRunRequest(name: "best", tags: ["a"]))
            #expect(try renamed.json()["name"] == "best")
            let page = try await client.get("/api/v1/projects/p/runs?sort=name&filter=tags%20has%20%22a%22").json()
            #expect(page["total"] == 2 && page["matched"] == 1 && page["runs"]?[0]?["id"] == .string(first.text))
            let metrics = try await client.get("/api/v1/projects/p/metrics").json()
            #expect(metrics["metrics"]?[0]?["name"] == "loss")
            #expect(try await client.send("DELETE", "/api/v1/runs/\(second)").json()["bytesFreed"]?.doubleValue != nil)
            #expect(try await client.get("/api/v1/runs/\(second)").status == 404)
            #expect(try await client.get("/api/v1/projects").json()["projects"]?[0]?["runs"] == 1)
        }
    }

    @Test("keeps histograms, log lines, events and views") func others() async throws {
        try await TestServer.run { server async throws in
            let client = server.client
            let run = try await server.makeRun(project: "p")
            let batch = #"""
                {"histograms":[{"name":"w","step":10,"time":1,"edges":[0,1,2],"counts":[3,4],"min":0,"max":2,"sum":7,"count":7,"nan":0}],
                 "logs":[{"time":1,"stream":"stdout","text":"a"},{"time":2,"stream":"stderr","text":"b"}],
                 "events":[{"step":10,"time":1,"kind":"checkpoint","title":"saved"}]}
                """#
            #expect(try await client.post("/api/v1/runs/\(run)/batches", batch).status == 200)

            #expect(try await client.get("/api/v1/runs/\(run)/histograms").json()["histograms"]?[0]?["name"] == "w")
            #expect(try await client.get("/api/v1/runs/\(run)/histograms/data?name=w").json()["slices"]?[0]?["counts"] == [3, 4])
            #expect(try await client.get("/api/v1/runs/\(run)/logs?after=0").json()["lines"]?[0]?["text"] == "b")
            #expect(try await client.get("/api/v1/runs/\(run)/events").json()["events"]?[0]?["title"] == "saved")
            let saved = try await client.send("PUT", "/api/v1/projects/p/views/mine", json: JSONValue.object(["name": "Mine", "state": ["zoom": [1, 2]]]))
            #expect(saved.status == 200)
            #expect(try await client.get("/api/v1/projects/p/views/mine").json()["state"] == ["zoom": [1, 2]])
            #expect(try await client.send("DELETE", "/api/v1/projects/p/views/mine").status == 204)
        }
    }
}

extension JSONValue {
    subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }
}
