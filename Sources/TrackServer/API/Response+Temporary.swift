import Foundation
import HTTPSockets
import TrackModel

extension Response {
    /// A file that is made for this answer, to be saved under `name`, and is gone when it was sent.
    ///
    /// What makes it need not wait for a slow reader: a snapshot of the database is held only while the file is written.
    static func temporary(in folder: String, name: String, contentType: String, make: @escaping @Sendable (_ path: String) async throws -> Void) -> Response {
        let path = folder + "/sending-" + randomBase32(length: 12)
        return .stream(contentType: contentType, headers: ["Content-Disposition": "attachment; filename=\"\(name)\""]) { writer in
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await make(path)
            guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
            defer { try? file.close() }
            while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { try await writer.write([UInt8](part)) }
        }
    }
}
