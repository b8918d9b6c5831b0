import Foundation
import TrackModel
import TrackStore

/// Keys of a data folder: through the running server if there is one, else in the store itself.
struct KeyAdministration {
    let folder: String

    func create(name: String, scope: KeyScope, expiresAt: Int64?) async throws -> String {
        try await either(mustExist: false) { store in
            try await store.makeKey(name: name, scope: scope, expiresAt: expiresAt).key
        } server: { socket in
            var body: [String: JSONValue] = ["name": .string(name), "scope": .string(scope.rawValue)]
            if let expiresAt { body["expiresAt"] = .integer(expiresAt) }
            let answer = try decode(JSONValue.self, from: socket.send("POST", "/api/v1/keys", body: [UInt8](try JSONEncoder().encode(JSONValue.object(body)))))
            return answer["key"]?.stringValue ?? ""
        }
    }

    func list() async throws -> [KeyRecord] {
        try await either { try await $0.keys() } server: { socket in
            struct Answer: Codable { var keys: [KeyRecord] }
            return try decode(Answer.self, from: socket.send("GET", "/api/v1/keys")).keys
        }
    }

    func revoke(_ id: String) async throws {
        try await either { try await $0.deleteKey(id) } server: { socket in
            let name = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? id
            let answer = try socket.send("DELETE", "/api/v1/keys/" + name)
            if answer.status >= 400 { _ = try decode(JSONValue.self, from: answer) }
        }
    }

    private func either<Value>(mustExist: Bool = true, store: (SQLiteStore) async throws -> Value, server: (ControlSocket) throws -> Value) async throws -> Value {
        let open: SQLiteStore
        do {
            open = try Stores.open(folder, mustExist: mustExist)
        } catch StoreError.locked {
            guard let path = ControlSocket.path(in: folder) else { throw CommandError.noAnswer(folder) }
            return try server(ControlSocket(path: path))
        }
        return try await Stores.using(open, store)
    }

    private func decode<Value: Decodable>(_ type: Value.Type, from answer: (status: Int, body: Data)) throws -> Value {
        if answer.status >= 400 {
            throw CommandError.refused((try? JSONDecoder().decode(ErrorResponse.self, from: answer.body).error.message) ?? "The server answered \(answer.status).")
        }
        return try JSONDecoder().decode(type, from: answer.body)
    }
}
