import Foundation
import GRDB

extension SQLiteStore {
    /// Copies the database into a new file while everything goes on; the copy is one consistent moment.
    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)`` if the file is there already.
    public func backup(to path: String) async throws {
        if FileManager.default.fileExists(atPath: path) { throw StoreError.invalidParameter(name: "file", value: path, reason: "it exists already") }
        try await withRowsOnly {
            try await blocking { [pool] in
                let copy = try DatabaseQueue(path: path)
                try pool.backup(to: copy)
                try copy.close()
            }
        }
    }

    /// Puts a backup in the place of a data folder's database; what was there is kept beside it. The server must be stopped.
    /// - Returns: Where the old database went, if there was one.
    /// - Throws: ``StoreError/locked(directory:)`` while a server runs, ``StoreError/damaged(_:)`` if the backup is not sound.
    public static func restore(_ backup: String, into directory: String) throws -> String? {
        let folder = try DataFolder(directory)
        defer { folder.unlock() }
        var configuration = Configuration()
        configuration.readonly = true
        guard FileManager.default.fileExists(atPath: backup), let copy = try? DatabaseQueue(path: backup, configuration: configuration),
              (try? copy.read({ db in try String.fetchOne(db, sql: "PRAGMA quick_check") })) == "ok",
              (try? copy.read({ db in try db.tableExists("migration") })) == true else {
            throw StoreError.damaged("the backup \"\(backup)\" is not a sound database of Track")
        }
        try copy.close()
        let aside = folder.database + ".before-\(milliseconds())"
        var old: String?
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: folder.database + suffix) {
            try FileManager.default.moveItem(atPath: folder.database + suffix, toPath: aside + suffix)
            old = aside
        }
        try FileManager.default.copyItem(atPath: backup, toPath: folder.database)
        for journal in Journal.paths(in: directory) where FileManager.default.fileExists(atPath: journal) {
            try FileManager.default.moveItem(atPath: journal, toPath: aside + "-" + (journal as NSString).lastPathComponent)
        }
        return old
    }
}
