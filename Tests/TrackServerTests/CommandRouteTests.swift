import Testing
import TrackModel
import TrackStore
import TrackTesting
@testable import TrackServer

@Suite("Commands over HTTP") struct CommandRouteTests {
    @Test("are refused with a code and a sentence") func refusals() async throws {
        try await TestServer.run { server async throws in
            let deaf = try await server.makeRun(), ended = try await server.makeRun(finish: true), run = try await server.listening()
            for (method, path, body, status, code) in [
                ("POST", "/api/v1/runs/\(deaf)/commands", #"{"kind":"stop"}"#, 409, "not_listening"),
                ("POST", "/api/v1/runs/\(ended)/commands", #"{"kind":"stop"}"#, 409, "not_running"),
                ("POST", "/api/v1/runs/\(run)/commands", #"{"kind":"dance"}"#, 400, "invalid_body"),
                ("POST", "/api/v1/runs/aaaaaaaa/commands", #"{"kind":"stop"}"#, 404, "unknown_run"),
                ("POST", "/api/v1/runs/commands", #"{"runs":["NOPE"],"kind":"stop"}"#, 400, "invalid_body"),
                ("GET", "/api/v1/runs/aaaaaaaa/commands", "", 404, "unknown_run"),
                ("GET", "/api/v1/runs/\(run)/commands?limit=0", "", 400, "invalid_parameter"),
                ("PATCH", "/api/v1/runs/\(run)/commands/1", #"{"state":"done"}"#, 404, "unknown_command"),
                ("PATCH", "/api/v1/runs/\(run)/commands/first", #"{"state":"done"}"#, 404, "unknown_command"),
                ("POST", "/api/v1/runs/\(run)/heartbeat", #"{"listens":["dance"]}"#, 400, "invalid_body"),
            ] {
                let answer = try await server.client.send(method, path, headers: body.isEmpty ? [:] : ["Content-Type": "application/json"], body: Array(body.utf8))
                #expect(answer.status == status && answer.refusal?.code == code, "\(method) \(path) \(body): \(answer.text)")
            }
        }
    }

    @Test("reach a program that posts JSON, and its answers are told to who looks at the project") func roundTrip() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.listening(), client = server.client
            let events = EventReader(port: server.port, path: "/api/v1/events?project=test")
            _ = await events.lines { $0.isEmpty }

            let asked = try await client.post("/api/v1/runs/\(run)/commands", #"{"kind":"stop"}"#)
            let repeated = try await client.post("/api/v1/runs/\(run)/commands", #"{"kind":"stop"}"#)
            let command = try asked.decode(CommandRecord.self)
            #expect(asked.status == 201 && repeated.status == 200)
            #expect(try repeated.decode(CommandRecord.self) == command)
            let told = await events.lines { $0.contains("\"askedAt\"") }
            #expect(told.contains("event: command"))

            let batch = try await client.post("/api/v1/runs/\(run)/batches", #"{"rows":[{"step":7,"values":{"loss":1}}]}"#)
            #expect(try batch.decode(BatchAcknowledgement.self).commands == [command])
            #expect(try await client.post("/api/v1/runs/\(run)/heartbeat", "{}").decode(RunRecord.self).commands == [command])

            let answer = CommandAnswer(state: .done, message: "as you like")
            let done = try await client.value("PATCH", "/api/v1/runs/\(run)/commands/\(command.id)", json: answer, as: CommandRecord.self)
            #expect(done.state == .done && done.step == 7)
            _ = await events.lines { $0.contains("\"state\":\"done\"") }
            #expect(try await client.post("/api/v1/runs/\(run)/batches", #"{"rows":[]}"#).json()["commands"] == nil)
            #expect(try await client.get("/api/v1/runs/\(run)/commands").decode(CommandList.self).commands == [done])
            let late = try await client.send("PATCH", "/api/v1/runs/\(run)/commands/\(command.id)", json: CommandAnswer(state: .refused))
            #expect(late.status == 409 && late.refusal?.code == "command_ended")
        }
    }

    @Test("are asked of many runs at once") func many() async throws {
        try await TestServer.run { server async throws in
            let deaf = try await server.makeRun(), one = try await server.listening(), two = try await server.listening()

            let answer = try await server.client.value("POST", "/api/v1/runs/commands", json: CommandsRequest(runs: [one, deaf, two], kind: .stop), as: CommandsResponse.self)

            #expect(answer.commands.map(\.run) == [one, two] && answer.deaf == [deaf] && answer.ended.isEmpty && answer.unknown.isEmpty)
            #expect(try await server.client.get("/api/v1/runs/\(one)").json()["listens"] == ["stop", "checkpoint"])
        }
    }

    @Test("say who asked, and need a key that may write") func scopes() async throws {
        try await TestServer.run { server async throws in
            let writer = server.client.with(key: try await server.store.makeKey(name: "laptop", scope: .write, expiresAt: nil).key)
            let reader = server.client.with(key: try await server.store.makeKey(name: "wall", scope: .read, expiresAt: nil).key)
            let run = try await writer.value("POST", "/api/v1/runs", json: CreateRunRequest(project: "test"), as: CreateRunResponse.self).run.id
            _ = try await writer.post("/api/v1/runs/\(run)/heartbeat", #"{"listens":["stop"]}"#)

            let refused = try await reader.post("/api/v1/runs/\(run)/commands", #"{"kind":"stop"}"#)
            let command = try await writer.post("/api/v1/runs/\(run)/commands", #"{"kind":"stop"}"#).decode(CommandRecord.self)

            #expect(refused.status == 403 && command.by == "laptop")
            #expect(try await reader.get("/api/v1/runs/\(run)/commands").decode(CommandList.self).commands == [command])
        }
    }
}

extension TestServer {
    /// A run whose program listens to everything.
    fileprivate func listening() async throws -> RunID {
        let run = try await makeRun()
        let record = try await client.post("/api/v1/runs/\(run)/heartbeat", #"{"attempt":1,"listens":["checkpoint","stop"]}"#).decode(RunRecord.self)
        #expect(record.listens == [.stop, .checkpoint])
        return run
    }
}
