import HTTPSockets
import TrackModel
public import TrackStore

/// A store that can copy itself while everything goes on.
public protocol BackedUp: Sendable {
    /// Writes one consistent moment into a new file.
    func backup(to path: String) async throws
}

extension SQLiteStore: BackedUp {}

/// The whole database as one file, for backups from elsewhere and for tools that must not disturb the server.
struct BackupRoutes {
    let store: any BackedUp
    /// Where the copy lies until it has been sent.
    let folder: String

    func register(on api: inout API) {
        let file = Endpoint.Answer(status: 200, about: "A SQLite file: one consistent moment of everything but keys' plain text.",
                                   body: .init(contentTypes: ["application/vnd.sqlite3"]))
        api.add(.init(method: .get, path: "/api/v1/backup", tag: "service", about: "Copies the database while everything goes on.", scope: .admin,
                      answers: [file], refusals: [.diskFull]), use: backup)
    }

    /// `GET /backup`. Throws `disk_full`.
    func backup(_ call: Call) async throws -> Response {
        let store = store
        return .temporary(in: folder, name: "track.sqlite", contentType: "application/vnd.sqlite3") { path in try await store.backup(to: path) }
    }
}
