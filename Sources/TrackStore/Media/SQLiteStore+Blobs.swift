import Foundation
import GRDB
public import TrackModel

extension SQLiteStore: MediaStore {
    public func makeUpload() async throws -> BlobUpload {
        let quota = options.blobQuota
        let room = try await quota - read { db in try Int64.fetchOne(db, sql: "SELECT SUM(size) FROM blob") ?? 0 }
        guard room > 0 else { throw StoreError.quotaExceeded(limit: quota) }
        try FileManager.default.createDirectory(atPath: blobs.incoming, withIntermediateDirectories: true)
        return try BlobUpload(path: blobs.incoming + "/" + randomBase32(length: 16), room: room, quota: quota)
    }

    public func keep(_ upload: BlobUpload, digest: String?) async throws -> (blob: BlobRecord, isNew: Bool) {
        defer { upload.discard() }
        let actual = try await blocking { try upload.finish() }
        if let digest, digest != actual { throw StoreError.digestMismatch(given: digest, actual: actual) }
        let size = upload.size, blobs = blobs, quota = options.blobQuota
        // On the writer's thread, one after the other: what is placed here cannot be removed at the same moment.
        let isNew = try await write { _, db in
            let isNew = try !Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM blob WHERE digest = :digest)", arguments: ["digest": actual])!
            if isNew, try Int64.fetchOne(db, sql: "SELECT SUM(size) FROM blob") ?? 0 > quota - size { throw StoreError.quotaExceeded(limit: quota) }
            try blobs.place(upload.path, as: actual)
            try db.execute(sql: """
                INSERT INTO blob (digest, size, touched_ms)
                VALUES (:digest, :size, :now)
                ON CONFLICT DO UPDATE SET touched_ms = excluded.touched_ms
                """, arguments: ["digest": actual, "size": size, "now": milliseconds()])
            return isNew
        }
        return (BlobRecord(digest: actual, size: size), isNew)
    }

    public func blob(_ digest: String) async throws -> StoredBlob {
        let found = try await read { db in
            try Row.fetchOne(db, sql: """
                SELECT size, (SELECT content_type FROM media WHERE media.digest = blob.digest ORDER BY id LIMIT 1)
                FROM blob
                WHERE digest = :digest
                """, arguments: ["digest": digest]).map { ($0[0] as Int64, $0[1] as String?) }
        }
        guard let (size, type) = found, access(blobs.path(of: digest), R_OK) == 0 else { throw StoreError.unknownBlob(digest) }
        return StoredBlob(record: BlobRecord(digest: digest, size: size), path: blobs.path(of: digest), contentType: type)
    }

    /// Removes stored files that no run refers to, and files in their folder that no row knows.
    /// - Parameter age: Younger ones stay: their references may be on the way.
    /// - Returns: How many, and their bytes.
    @discardableResult
    public func purgeBlobs(olderThan age: Duration = .seconds(86_400)) async throws -> (files: Int, bytes: Int) {
        let before = milliseconds() - age.components.seconds * 1_000
        var (files, bytes) = try await removeStrays(writtenBefore: before)
        while true {
            let digests = try await read { db in
                try String.fetchAll(db, sql: """
                    SELECT digest
                    FROM blob
                    WHERE touched_ms <= :before AND NOT EXISTS (SELECT 1 FROM media WHERE media.digest = blob.digest)
                    LIMIT 500
                    """, arguments: ["before": before])
            }
            if digests.isEmpty { return (files, bytes) }
            bytes += try await removeBlobs(digests)
            files += digests.count
        }
    }

    /// A stop between a file's renaming and its commit leaves one that is known to nobody.
    private func removeStrays(writtenBefore before: Int64) async throws -> (files: Int, bytes: Int) {
        let known = try await read { db in try Set(String.fetchAll(db, sql: "SELECT digest FROM blob")) }
        var removed = (files: 0, bytes: 0)
        for digest in blobs.digests() where !known.contains(digest) {
            let path = blobs.path(of: digest)
            let bytes = try await write { _, db -> Int? in
                var status = stat()
                guard try !Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM blob WHERE digest = :digest)", arguments: ["digest": digest])!,
                      stat(path, &status) == 0, Int64(modified(status)) * 1_000 <= before, unlink(path) == 0 else { return nil }
                return Int(status.st_size)
            }
            if let bytes { removed = (removed.files + 1, removed.bytes + bytes) }
        }
        return removed
    }

    /// The files that a run refers to.
    func digests(ofRow run: Int64) async throws -> [String] {
        try await read { db in try String.fetchAll(db, sql: "SELECT DISTINCT digest FROM media WHERE run_id = :run", arguments: ["run": run]) }
    }

    /// Removes those of these files that nobody refers to now; returns their bytes. 500 for each commit.
    func removeBlobs(_ digests: [String]) async throws -> Int {
        var bytes = 0
        let blobs = blobs
        for start in stride(from: 0, to: digests.count, by: 500) {
            let part = digests[start..<min(start + 500, digests.count)]
            bytes += try await write { _, db in
                try part.reduce(0) { sum, digest in
                    guard let size = try Int.fetchOne(db, sql: """
                        DELETE FROM blob
                        WHERE digest = :digest AND NOT EXISTS (SELECT 1 FROM media WHERE media.digest = blob.digest)
                        RETURNING size
                        """, arguments: ["digest": digest]) else { return sum }
                    blobs.remove(digest)
                    return sum + size
                }
            }
        }
        return bytes
    }
}

/// When a file was last written, in seconds since 1970.
private func modified(_ status: stat) -> Int {
    #if os(Linux)
    status.st_mtim.tv_sec
    #else
    status.st_mtimespec.tv_sec
    #endif
}
