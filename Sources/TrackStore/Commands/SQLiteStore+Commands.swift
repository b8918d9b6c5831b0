import GRDB
public import TrackModel

extension SQLiteStore {
    public func ask(_ run: RunID, for kind: CommandKind, by name: String?) async throws -> (command: CommandRecord, isNew: Bool) {
        try refuseSet(kind)
        return try await write { writer, db in try writer.ask(run, for: kind, by: name, db) }
    }

    private func refuseSet(_ kind: CommandKind) throws {
        if kind == .set { throw StoreError.invalidParameter(name: "kind", value: "set", reason: "a value is set with its name, of one run") }
    }

    public func ask(_ run: RunID, toSet name: String, to value: JSONValue, by key: String?) async throws -> (command: CommandRecord, isNew: Bool) {
        try await write { writer, db in try writer.ask(run, toSet: name, to: value.plain, by: key, db) }
    }

    public func ask(_ runs: [RunID], for kind: CommandKind, by name: String?) async throws -> CommandsResponse {
        try refuseSet(kind)
        var response = CommandsResponse()
        for portion in try portions(of: runs) {
            let part = try await write { writer, db in
                var part = CommandsResponse()
                for run in portion {
                    do { part.commands.append(try writer.ask(run, for: kind, by: name, db).command) }
                    catch StoreError.notListening { part.deaf.append(run) }
                    catch StoreError.notRunning { part.ended.append(run) }
                    catch StoreError.unknownRun { part.unknown.append(run) }
                }
                return part
            }
            response.commands += part.commands
            (response.deaf, response.ended, response.unknown) = (response.deaf + part.deaf, response.ended + part.ended, response.unknown + part.unknown)
        }
        return response
    }

    public func commands(_ run: RunID, limit: Int) async throws -> [CommandRecord] {
        try await read { db in
            guard let row = try RunRecords.row(of: run, db) else { throw StoreError.unknownRun(run.text) }
            return try CommandTable.newest(of: row, run: run, limit: limit, db)
        }
    }

    public func answer(_ command: Int64, of run: RunID, _ answer: CommandAnswer) async throws -> CommandRecord {
        guard [.taken, .done, .refused].contains(answer.state) else {
            throw StoreError.invalidParameter(name: "state", value: answer.state.rawValue, reason: "a program answers taken, done or refused")
        }
        if let message = answer.message, message.utf8.count > 1_000 {
            throw StoreError.invalidParameter(name: "message", value: message, reason: "it has \(message.utf8.count) bytes, 1000 are allowed")
        }
        return try await write { writer, db in try writer.answer(command, of: run, answer, db) }
    }
}
