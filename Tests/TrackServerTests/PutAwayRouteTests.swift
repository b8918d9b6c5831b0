import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("Archive, bin and move over HTTP") struct PutAwayRouteTests {
    @Test("are refused with a code and a sentence") func refusals() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(project: "p")
            for (method, path, body, status, code) in [
                ("PATCH", "/api/v1/runs", "{}", 400, "invalid_body"),
                ("PATCH", "/api/v1/runs", #"{"runs":["NOPE"],"changes":{}}"#, 400, "invalid_body"),
                ("PATCH", "/api/v1/runs", #"{"runs":[],"changes":{"project":""}}"#, 422, "invalid_name"),
                ("PATCH", "/api/v1/runs/\(run)", #"{"archived":"yes"}"#, 400, "invalid_body"),
                ("DELETE", "/api/v1/projects/nowhere/bin", "", 404, "unknown_project"),
                ("DELETE", "/api/v1/projects/p/bin?runs=NOPE", "", 400, "invalid_parameter"),
            ] {
                let answer = try await server.client.send(method, path, headers: body.isEmpty ? [:] : ["Content-Type": "application/json"], body: Array(body.utf8))
                #expect(answer.status == status && answer.refusal?.code == code, "\(method) \(path) \(body): \(answer.text)")
            }
        }
    }

    @Test("put runs away, find them, take them out, and delete them for ever") func bin() async throws {
        try await TestServer.run { server async throws in
            let client = server.client
            let one = try await server.makeRun(project: "p", logging: ["loss": [1]]), two = try await server.makeRun(project: "p", logging: ["acc": [1]])
            let both = try await client.value("PATCH", "/api/v1/runs", json: UpdateRunsRequest(runs: [one, two], changes: UpdateRunRequest(deleted: true)), as: UpdateRunsResponse.self)
            #expect(both == UpdateRunsResponse(changed: 2, unknown: []))
            #expect(try await client.get("/api/v1/projects/p/runs").json()["total"] == 0)
            #expect(try await client.get("/api/v1/projects/p/runs?filter=deleted:true").json()["matched"] == 2)
            #expect(try await client.get("/api/v1/projects/p/metrics?filter=deleted:true").json()["metrics"]?[1]?["name"] == "loss")
            #expect(try await client.get("/api/v1/projects/p").json()["deleted"] == 2)
            #expect(try await client.get("/api/v1/info").json()["binDays"] == 30)

            let back = try await client.send("PATCH", "/api/v1/runs/\(one)", json: UpdateRunRequest(deleted: false))
            #expect(try back.json()["deletedAt"] == nil)
            let emptied = try await client.value("DELETE", "/api/v1/projects/p/bin?runs=\(one),\(two)", as: EmptiedBin.self)
            #expect(emptied.runs == 1)
            #expect(try await client.get("/api/v1/runs/\(two)").status == 404)
            #expect(try await client.get("/api/v1/runs/\(one)").status == 200)
            #expect(try await client.send("DELETE", "/api/v1/runs/\(one)").json()["bytesFreed"]?.doubleValue != nil)     // past the bin, as ever
            #expect(try await client.get("/api/v1/runs/\(one)").status == 404)
        }
    }

    @Test("a move is told to who looks at the old project and to who looks at the new one") func moves() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(project: "old", logging: ["loss": [1]])
            _ = try await server.makeRun(project: "new")
            let (old, new) = (EventReader(port: server.port, path: "/api/v1/events?project=old"), EventReader(port: server.port, path: "/api/v1/events?project=new"))
            _ = await old.lines { $0.isEmpty }
            _ = await new.lines { $0.isEmpty }

            let moved = try await server.client.send("PATCH", "/api/v1/runs/\(run)", json: UpdateRunRequest(project: "new"))
            #expect(try moved.json()["project"] == "new" && moved.json()["number"] == 2)
            let left = await old.lines { $0 == #"data: {"project":"old","run":"\#(run)"}"# }
            #expect(left.contains("event: deleted"))
            let came = await new.lines { $0.contains(run.text) }
            #expect(came.contains("event: run") && came.last?.contains("\"project\":\"new\"") == true)
        }
    }
}
