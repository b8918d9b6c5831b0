import Foundation

/// The folder that holds everything, locked against a second server for as long as this object lives.
final class DataFolder: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Throws: ``StoreError/locked(directory:)`` when another process holds the lock.
    init(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        self.path = path
        descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0 { Foundation.close(descriptor) }
            throw StoreError.locked(directory: path)
        }
    }

    /// Lets another server in; nothing may be written after this.
    func unlock() { flock(descriptor, LOCK_UN) }

    deinit { Foundation.close(descriptor) }

    var database: String { path + "/track.sqlite" }
    var backups: String { path + "/backups" }

    /// Bytes of the database with its log and the journal.
    var databaseBytes: Int {
        ([database, database + "-wal"] + Journal.paths(in: path)).reduce(0) { sum, file in
            sum + (((try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }
}
