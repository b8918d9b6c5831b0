import Foundation
import TrackModel
import TrackStore

/// Opens stores for tools, whether or not a server runs on them.
enum Stores {
    /// Opens the store itself; nothing runs in the background.
    /// - Parameter mustExist: Refuses a folder without data, so that a typing error makes no new one.
    /// - Throws: ``TrackStore/StoreError/locked(directory:)`` while a server runs on it.
    static func open(_ folder: String, mustExist: Bool) throws -> SQLiteStore {
        if mustExist, !FileManager.default.fileExists(atPath: folder + "/track.sqlite") { throw CommandError.noData(folder) }
        try DataFolder.make(folder)
        var options = StoreOptions()
        options.foldsInBackground = false
        return try SQLiteStore(directory: folder, migrations: try Resources.migrations(), options: options)
    }

    /// Reads a store: the one in the folder, or, while a server runs there, a copy of this moment that goes afterwards.
    static func reading<Value>(_ folder: String, _ body: (SQLiteStore) async throws -> Value) async throws -> Value {
        do {
            return try await using(try open(folder, mustExist: true), body)
        } catch StoreError.locked {
            let copy = folder + "/copy-" + randomBase32(length: 12)
            defer { try? FileManager.default.removeItem(atPath: copy) }
            try DataFolder.make(copy)
            symlink("../blobs", copy + "/blobs")        // stored files never change: they need no copy
            try download(from: folder, to: copy + "/track.sqlite")
            return try await using(try open(copy, mustExist: true), body)
        }
    }

    /// Copies the database of a running server into a new file.
    static func download(from folder: String, to path: String) throws {
        guard let socket = ControlSocket.path(in: folder) else { throw CommandError.noAnswer(folder) }
        try ControlSocket(path: socket).download("/api/v1/backup", to: path)
    }

    static func using<Value>(_ store: SQLiteStore, _ body: (SQLiteStore) async throws -> Value) async throws -> Value {
        do {
            let value = try await body(store)
            try await store.close()
            return value
        } catch {
            try? await store.close()
            throw error
        }
    }
}
