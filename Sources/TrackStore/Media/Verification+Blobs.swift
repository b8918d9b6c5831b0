import GRDB
import TrackModel

extension Verification {
    /// Reads every stored file and compares it with its name; looks for files that no row knows. Rows without references only count.
    mutating func verifyBlobs(_ blobs: BlobFolder, _ db: Database) throws {
        var known = Set<String>()
        let rows = try Row.fetchCursor(db, sql: "SELECT digest, size FROM blob ORDER BY digest")
        while let row = try rows.next() {
            let digest: String = row[0]
            known.insert(digest)
            report.blobs += 1
            if let defect = blobs.defect(of: digest, size: row[1]) { note("stored file \(digest) \(defect)") }
        }
        for digest in blobs.digests() where !known.contains(digest) { note("the file blobs/\(digest.prefix(2))/\(digest.dropFirst(2)) is known to nobody") }
        report.unusedBlobs = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM blob WHERE NOT EXISTS (SELECT 1 FROM media WHERE media.digest = blob.digest)")!
        report.pendingMedia = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM media WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.digest = media.digest)")!
    }
}
