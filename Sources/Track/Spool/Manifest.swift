import Foundation
import TrackModel

/// What a writer's spool says of itself: enough for any later process to deliver it. Holds no key.
struct Manifest: Codable, Sendable, Equatable {
    var format = 1
    var writer: String
    /// Where the rows are to go; `nil` means wherever the delivering process is set to.
    var url: String?
    /// Creates or takes up the run; its idempotency key makes a repetition harmless.
    var request: CreateRunRequest
    /// Whether this writer says when the run is over: all but ranks above 0 and children of `fork()` do.
    var leads: Bool
    var process: Int32
    /// Milliseconds since 1970.
    var startedAt: Int64

    private func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return [UInt8](try encoder.encode(self))
    }

    /// Writes the manifest and locks it, in this order: whoever sees the file sees it locked, and so never takes its writer for dead.
    /// - Returns: The open file that holds the lock.
    func save(to path: String) throws -> Int32 {
        let descriptor = try writeNew(try encoded(), to: path + ".new")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(path + ".new", path) == 0 else {
            let reason = systemError()
            close(descriptor)
            unlink(path + ".new")
            throw SpoolError.cannotWrite(path: path, reason: reason)
        }
        return descriptor
    }

    static func load(_ path: String) throws -> Manifest {
        guard let data = FileManager.default.contents(atPath: path) else { throw SpoolError.cannotRead(path: path, reason: systemError()) }
        do { return try BatchCodec.makeJSONDecoder().decode(Manifest.self, from: data) }
        catch { throw SpoolError.damaged(path: path, reason: describe(error)) }
    }
}

/// Writes a file under another name first, so that nobody ever sees half of it.
func writeWhole(_ bytes: [UInt8], to path: String) throws {
    close(try writeNew(bytes, to: path + ".new"))
    guard rename(path + ".new", path) == 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
}

/// Writes a file that is on the disk when this returns, and leaves it open; one that cannot be written whole is removed.
private func writeNew(_ bytes: [UInt8], to path: String) throws -> Int32 {
    if exceedsFileLimit(bytes.count) { throw SpoolError.cannotWrite(path: path, reason: systemError(EFBIG)) }
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
            let reason = systemError()
            close(descriptor)
            unlink(path)
            throw SpoolError.cannotWrite(path: path, reason: reason)
        }
        written += count
    }
    fsync(descriptor)
    return descriptor
}
