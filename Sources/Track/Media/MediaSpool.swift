import Foundation

/// Files that wait to be sent, in the run's spool folder: `media/WRITER.DIGEST`. A file is written under another name first, so whatever stands
/// under its digest is whole; it is removed when the server has it.
struct MediaSpool: Sendable {
    /// The run's folder in the spool.
    let run: String
    var folder: String { run + "/media" }

    struct File: Equatable {
        var path: String
        var digest: String
    }

    private func path(_ digest: String, _ writer: String) -> String { folder + "/" + writer + "." + digest }

    /// What one writer has waiting, in no order.
    func waiting(_ writer: String) -> [File] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(writer + "."), name.utf8.count == writer.utf8.count + 65 else { return nil }
            return File(path: folder + "/" + name, digest: String(name.suffix(64)))
        }
    }

    /// - Throws: ``SpoolError`` when the disk is full or may not be written.
    func write(_ bytes: [UInt8], digest: String, writer: String) throws {
        let target = path(digest, writer)
        if access(target, F_OK) == 0 { return }
        try makeFolder()
        try place(target) { descriptor in
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw SpoolError.cannotWrite(path: target, reason: systemError()) }
                written += count
            }
        }
    }

    /// Copies a file and hashes it on the way, a mebibyte at a time.
    /// - Parameter limit: The most bytes that are taken.
    func copy(_ source: String, writer: String, limit: Int64) throws -> (digest: String, size: Int64) {
        guard let file = FileHandle(forReadingAtPath: source) else { throw SpoolError.cannotRead(path: source, reason: systemError()) }
        defer { try? file.close() }
        try makeFolder()
        var hash = SHA256(), size: Int64 = 0
        let temporary = folder + "/copy-" + UUID().uuidString
        defer { unlink(temporary) }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: temporary, reason: systemError()) }
        defer { close(descriptor) }
        while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
            size += Int64(part.count)
            guard size <= limit else { throw SpoolError.cannotWrite(path: temporary, reason: "more media wait than the spool's limit allows") }
            try part.withUnsafeBytes { bytes in
                hash.update(bytes)
                guard Foundation.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else { throw SpoolError.cannotWrite(path: temporary, reason: systemError()) }
            }
        }
        let digest = hash.finish()
        guard rename(temporary, path(digest, writer)) == 0 else { throw SpoolError.cannotWrite(path: path(digest, writer), reason: systemError()) }
        return (digest, size)
    }

    /// Waits until the disk has what waits.
    func synchronize(_ writer: String) {
        for path in waiting(writer).map(\.path) + [folder] {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 { fsync(descriptor); close(descriptor) }
        }
    }

    private func makeFolder() throws {
        if access(folder, W_OK) == 0 { return }
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]) }
        catch { throw SpoolError.cannotWrite(path: folder, reason: systemError()) }
    }

    private func place(_ target: String, _ write: (Int32) throws -> Void) throws {
        let temporary = target + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: target, reason: systemError()) }
        defer { close(descriptor) }
        do {
            try write(descriptor)
            guard rename(temporary, target) == 0 else { throw SpoolError.cannotWrite(path: target, reason: systemError()) }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
