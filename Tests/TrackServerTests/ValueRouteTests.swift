import Testing
import TrackModel
import TrackStore
import TrackTesting
@testable import TrackServer

@Suite("Declared values over HTTP") struct ValueRouteTests {
    private static let declares = #"{"attempt":1,"declares":[{"name":"learning_rate","value":0.01,"min":1e-6,"max":0.1},{"name":"batch","value":32,"min":1,"max":256,"integer":true},{"name":"sampler","value":"greedy","choices":["greedy","nucleus"]}]}"#

    @Test("are refused with a code and a sentence") func refusals() async throws {
        try await TestServer.run { server async throws in
            let deaf = try await server.makeRun(), run = try await server.makeRun(), ended = try await server.makeRun(finish: true)
            _ = try await server.client.post("/api/v1/runs/\(run)/heartbeat", Self.declares)
            for (path, body, status, code) in [
                ("runs/\(deaf)/commands", #"{"kind":"set","name":"learning_rate","value":0.1}"#, 409, "undeclared_value"),
                ("runs/\(ended)/commands", #"{"kind":"set","name":"learning_rate","value":0.1}"#, 409, "not_running"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"rate","value":0.1}"#, 409, "undeclared_value"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"learning_rate","value":0.2}"#, 422, "unacceptable_value"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"learning_rate","value":"0.02"}"#, 422, "unacceptable_value"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"batch","value":1.5}"#, 422, "unacceptable_value"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"sampler","value":"beam"}"#, 422, "unacceptable_value"),
                ("runs/\(run)/commands", #"{"kind":"set","name":"batch"}"#, 400, "invalid_parameter"),
                ("runs/\(run)/commands", #"{"kind":"set","value":1}"#, 400, "invalid_parameter"),
                ("runs/commands", #"{"runs":["\#(run)"],"kind":"set"}"#, 400, "invalid_parameter"),
                ("runs/\(run)/heartbeat", #"{"listens":["set"]}"#, 400, "invalid_parameter"),
                ("runs/\(run)/heartbeat", #"{"declares":[{"name":"x","value":1,"min":2,"max":1}]}"#, 400, "invalid_parameter"),
                ("runs/\(run)/heartbeat", #"{"declares":[{"name":"x"}]}"#, 400, "invalid_body"),
            ] {
                let answer = try await server.client.post("/api/v1/" + path, body)
                #expect(answer.status == status && answer.refusal?.code == code, "\(path) \(body): \(answer.text)")
            }
            let answer = try await server.client.post("/api/v1/runs/\(run)/commands", #"{"kind":"set","name":"learning_rate","value":0.2}"#)
            #expect(answer.refusal?.message == "learning_rate cannot become 0.2: it is above 0.1, the greatest that the program takes.")
        }
    }

    @Test("reach a program that posts JSON, and their change is told to who looks at the project") func roundTrip() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(), client = server.client
            let events = EventReader(port: server.port, path: "/api/v1/events?project=test")
            _ = await events.lines { $0.isEmpty }
            let record = try await client.post("/api/v1/runs/\(run)/heartbeat", Self.declares).decode(RunRecord.self)
            #expect(record.declared?.map(\.name) == ["learning_rate", "batch", "sampler"] && record.listens == nil)
            _ = await events.lines { $0.contains("\"declared\"") }

            let asked = try await client.post("/api/v1/runs/\(run)/commands", #"{"kind":"set","name":"batch","value":64}"#)
            let repeated = try await client.post("/api/v1/runs/\(run)/commands", #"{"kind":"set","name":"batch","value":64.0}"#)
            let change = try asked.decode(CommandRecord.self)
            #expect(asked.status == 201 && repeated.status == 200 && change.value == 64 && change.old == 32)
            let batch = try await client.post("/api/v1/runs/\(run)/batches", #"{"rows":[{"step":7,"values":{"loss":1}}]}"#)
            #expect(try batch.decode(BatchAcknowledgement.self).changes == [change])
            #expect(try batch.json()["commands"] == nil, "programs that were built before there were changes do not hear of them")

            let done = try await client.value("PATCH", "/api/v1/runs/\(run)/commands/\(change.id)", json: CommandAnswer(state: .done), as: CommandRecord.self)
            #expect(done.state == .done && done.step == 7 && done.old == 32)
            _ = await events.lines { $0.contains("\"state\":\"done\"") }
            #expect(try await client.get("/api/v1/runs/\(run)").decode(RunRecord.self).declared?[1].value == 64)
            #expect(try await client.get("/api/v1/runs/\(run)/commands").decode(CommandList.self).commands == [done])
        }
    }

    @Test("say who asked, and need a key that may write") func scopes() async throws {
        try await TestServer.run { server async throws in
            let writer = server.client.with(key: try await server.store.makeKey(name: "laptop", scope: .write, expiresAt: nil).key)
            let reader = server.client.with(key: try await server.store.makeKey(name: "wall", scope: .read, expiresAt: nil).key)
            let run = try await writer.value("POST", "/api/v1/runs", json: CreateRunRequest(project: "test"), as: CreateRunResponse.self).run.id
            _ = try await writer.post("/api/v1/runs/\(run)/heartbeat", Self.declares)

            let refused = try await reader.post("/api/v1/runs/\(run)/commands", #"{"kind":"set","name":"batch","value":64}"#)
            let change = try await writer.post("/api/v1/runs/\(run)/commands", #"{"kind":"set","name":"batch","value":64}"#).decode(CommandRecord.self)

            #expect(refused.status == 403 && change.by == "laptop")
        }
    }
}
