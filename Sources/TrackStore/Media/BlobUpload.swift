import Crypto
import Foundation

/// A file on its way in: written under a name that nobody knows, hashed as it comes. Dropped unless it is kept.
///
/// Used by one task at a time.
public final class BlobUpload: @unchecked Sendable {       // see above
    let path: String
    private let descriptor: Int32
    private var hash = SHA256()
    /// Bytes so far.
    public private(set) var size: Int64 = 0
    private let room: Int64
    private let quota: Int64

    /// - Parameters:
    ///   - room: Bytes that may come before `quota`, the whole limit, is reached.
    init(path: String, room: Int64, quota: Int64) throws {
        (self.path, self.room, self.quota) = (path, room, quota)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Self.failure() }
    }

    deinit {
        close(descriptor)
        discard()
    }

    /// Drops what was written; it is elsewhere if it was kept.
    func discard() { unlink(path) }

    /// - Throws: ``StoreError/quotaExceeded(limit:)``, ``StoreError/diskFull``.
    public func write(_ bytes: [UInt8]) throws {
        guard size + Int64(bytes.count) <= room else { throw StoreError.quotaExceeded(limit: quota) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw Self.failure() }
            written += count
        }
        hash.update(data: bytes)
        size += Int64(bytes.count)
    }

    /// Waits until the disk has everything.
    /// - Returns: The digest of what came.
    func finish() throws -> String {
        if fsync(descriptor) != 0 { throw Self.failure() }
        return hash.finalize().hexadecimal
    }

    private static func failure() -> any Error {
        [ENOSPC, EDQUOT].contains(errno) ? StoreError.diskFull : StoreError.damaged("a file cannot be written to the data folder: \(String(cString: strerror(errno)))")
    }
}

extension Sequence<UInt8> {
    /// Two digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
