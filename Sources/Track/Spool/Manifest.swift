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

    func save(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        try writeWhole([UInt8](try encoder.encode(self)), to: path)
    }

    static func load(_ path: String) throws -> Manifest {
        guard let data = FileManager.default.contents(atPath: path) else { throw SpoolError.cannotRead(path: path, reason: systemError()) }
        do { return try BatchCodec.makeJSONDecoder().decode(Manifest.self, from: data) }
        catch { throw SpoolError.damaged(path: path, reason: describe(error)) }
    }
}

/// Writes a file under another name first, so that nobody ever sees half of it.
func writeWhole(_ bytes: [UInt8], to path: String) throws {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
            let reason = systemError()
            close(descriptor)
            unlink(temporary)
            throw SpoolError.cannotWrite(path: path, reason: reason)
        }
        written += count
    }
    fsync(descriptor)
    close(descriptor)
    guard rename(temporary, path) == 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
}
