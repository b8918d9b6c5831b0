import HTTPSockets
import TrackModel
import TrackStore

/// What is asked of running programs, and what they answer.
struct CommandRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .post, path: "/api/v1/runs/{run}/commands", tag: "commands", about: "Asks the run's program to stop, to save a checkpoint, or to change a value that it has declared.", scope: .write,
                      body: .json(CommandRequest.self),
                      answers: [.json(201, CommandRecord.self, "Asked."), .json(200, CommandRecord.self, "The same is asked already, and still open.")],
                      refusals: [.unknownRun, .notRunning, .notListening, .undeclaredValue, .unacceptableValue]), takes: CommandRequest.self, use: ask)
        api.add(.init(method: .post, path: "/api/v1/runs/commands", tag: "commands", about: "Asks the programs of many runs for the same.", scope: .write,
                      body: .json(CommandsRequest.self), answers: [.json(200, CommandsResponse.self, "What was asked, and of whom it was not.")]),
                takes: CommandsRequest.self, gives: CommandsResponse.self, use: askMany)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/commands", tag: "commands", about: "Lists what was asked of the run's program, the newest first.", scope: .read,
                      query: [.integer("limit", 1...1_000, "How many; 100 if left out.")], answers: [.json(200, CommandList.self, "The commands.")],
                      refusals: [.unknownRun]), gives: CommandList.self, use: list)
        api.add(.init(method: .patch, path: "/api/v1/runs/{run}/commands/{command}", tag: "commands", about: "Takes the program's answer to a command.", scope: .write,
                      body: .json(CommandAnswer.self), answers: [.json(200, CommandRecord.self, "The command.")],
                      refusals: [.unknownRun, .unknownCommand, .commandEnded]), takes: CommandAnswer.self, gives: CommandRecord.self, use: answer)
    }

    /// `POST /runs/{run}/commands`: 201 for a new command, 200 for one that is open. Throws `unknown_run`, `not_running`, `not_listening`,
    /// `undeclared_value`, `unacceptable_value`, `invalid_parameter`.
    func ask(_ call: Call, _ body: CommandRequest) async throws -> Response {
        let (command, isNew) = body.kind == .set
            ? try await store.ask(call.run(), toSet: required(body.name, "name"), to: required(body.value, "value"), by: call.access.name)
            : try await store.ask(call.run(), for: body.kind, by: call.access.name)
        return try .json(command, status: isNew ? 201 : 200, for: call.request)
    }

    private func required<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw StoreError.invalidParameter(name: name, value: "", reason: "kind set needs the name of a declared value, and what it is to become") }
        return value
    }

    /// `POST /runs/commands`. Throws `invalid_parameter`.
    func askMany(_ call: Call, _ body: CommandsRequest) async throws -> CommandsResponse {
        try await store.ask(body.runs, for: body.kind, by: call.access.name)
    }

    /// `GET /runs/{run}/commands`. Throws `unknown_run`.
    func list(_ call: Call) async throws -> CommandList {
        CommandList(commands: try await store.commands(call.run(), limit: call.integer("limit") ?? 100))
    }

    /// `PATCH /runs/{run}/commands/{command}`. Throws `unknown_run`, `unknown_command`, `command_ended`, `invalid_parameter`.
    func answer(_ call: Call, _ body: CommandAnswer) async throws -> CommandRecord {
        let run = try call.run()
        guard let number = Int64(call.path("command")) else { throw StoreError.unknownCommand(call.path("command"), run: run) }
        return try await store.answer(number, of: run, body)
    }
}
