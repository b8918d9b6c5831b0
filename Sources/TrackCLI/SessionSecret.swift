import Foundation

/// The secret that signs browser sessions: made once for a data folder, readable by its owner alone.
enum SessionSecret {
    static func load(from folder: String) throws -> [UInt8] {
        let path = folder + "/session-secret"
        if let data = FileManager.default.contents(atPath: path), data.count == 32 { return [UInt8](data) }
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: path]) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data(secret))
        try file.synchronize()
        return secret
    }
}
