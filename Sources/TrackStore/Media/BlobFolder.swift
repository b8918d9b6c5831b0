import Crypto
import Foundation

/// The folder of stored files: `blobs/ab/cd…`, the first two digits of the digest and the others. `incoming` holds what is on its way.
struct BlobFolder: Sendable {
    let path: String
    var incoming: String { path + "/incoming" }

    func path(of digest: String) -> String { folder(of: digest) + "/" + digest.dropFirst(2) }
    private func folder(of digest: String) -> String { path + "/" + digest.prefix(2) }

    /// Puts a written file in its place; the disk knows its name when this returns.
    func place(_ file: String, as digest: String) throws {
        try FileManager.default.createDirectory(atPath: folder(of: digest), withIntermediateDirectories: true)
        guard rename(file, path(of: digest)) == 0 else {
            throw StoreError.damaged("a file cannot be put into the blob folder: \(String(cString: strerror(errno)))")
        }
        for folder in [folder(of: digest), path] {
            let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 { fsync(descriptor); close(descriptor) }
        }
    }

    func remove(_ digest: String) { unlink(path(of: digest)) }

    /// Drops what a stopped server had not received whole. A link leads to the folder of a server that may run.
    func clearIncoming() {
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: incoming)) ?? [] { unlink(incoming + "/" + name) }
    }

    /// The digests of all files that lie here, in no order.
    func digests() -> [String] {
        let folders = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.utf8.count == 2 }
        return folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []).map { folder + $0 }
        }
    }

    /// Reads a file through: `nil` if it is as its name and size say, else what is wrong. A mebibyte in memory.
    func defect(of digest: String, size: Int64) -> String? {
        guard let file = FileHandle(forReadingAtPath: path(of: digest)) else { return "is missing" }
        defer { try? file.close() }
        var hash = SHA256(), length: Int64 = 0
        while let part = try? file.read(upToCount: 1 << 20), !part.isEmpty {
            hash.update(data: part)
            length += Int64(part.count)
        }
        if length != size { return "has \(length) bytes instead of \(size)" }
        return hash.finalize().hexadecimal == digest ? nil : "holds other bytes than its name says"
    }
}
