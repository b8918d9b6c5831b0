import HTTPSockets
import TrackModel
import TrackStore

/// API keys: made, listed, revoked; each is shown once.
struct KeyRoutes {
    let store: any Store
    let gatekeeper: Gatekeeper

    func register(on api: inout API) {
        api.add(.init(method: .post, path: "/api/v1/keys", tag: "keys", about: "Makes a key; the answer alone shows it.", scope: .admin,
                      body: .json(CreateKey.self), answers: [.json(201, CreatedKey.self, "The key.")], refusals: [.invalidName]),
                takes: CreateKey.self, gives: CreatedKey.self, use: create)
        api.add(.init(method: .get, path: "/api/v1/keys", tag: "keys", about: "Lists keys, not the keys themselves.", scope: .admin,
                      answers: [.json(200, KeyList.self, "The keys.")]), gives: KeyList.self, use: list)
        api.add(.init(method: .delete, path: "/api/v1/keys/{key}", tag: "keys", about: "Revokes a key, and its sessions with it.", scope: .admin,
                      answers: [.empty(204, "Revoked.")], refusals: [.unknownKey]), use: delete)
    }

    /// `POST /keys`. The first key of an open server ends its openness, so it must be one that can make others.
    /// Throws `invalid_name`, `invalid_parameter`.
    func create(_ call: Call, _ body: CreateKey) async throws -> CreatedKey {
        if let expiresAt = body.expiresAt, expiresAt <= now() {
            throw Call.invalid("expiresAt", "\(expiresAt)", "that is in the past; milliseconds since 1970 are needed")
        }
        if call.access == .open, body.scope != .admin {
            throw APIError(.forbidden, "The first key must have the scope \"admin\", or nobody could make or revoke keys afterwards.")
        }
        let (key, record) = try await store.makeKey(name: body.name, scope: body.scope, expiresAt: body.expiresAt)
        gatekeeper.keys.clear()
        return CreatedKey(id: record.id, name: record.name, scope: record.scope, key: key, createdAt: record.createdAt, expiresAt: record.expiresAt)
    }

    /// `GET /keys`
    func list(_ call: Call) async throws -> KeyList { KeyList(keys: try await store.keys()) }

    /// `DELETE /keys/{key}`. Throws `unknown_key`.
    func delete(_ call: Call) async throws -> Response {
        try await store.deleteKey(call.path("key"))
        gatekeeper.keys.clear()
        return Response(status: .noContent, headers: [:], body: .empty)
    }
}

struct CreateKey: Codable, Sendable { var name: String; var scope: KeyScope; var expiresAt: Int64? }
struct KeyList: Codable, Sendable { var keys: [KeyRecord] }
struct CreatedKey: Codable, Sendable {
    var id: String
    var name: String
    var scope: KeyScope
    /// Shown here and never again.
    var key: String
    var createdAt: Int64
    var expiresAt: Int64?
}
