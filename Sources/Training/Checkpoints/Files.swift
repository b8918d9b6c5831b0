#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// - Throws: ``ModelFileError/cannotOpen(path:reason:)``
func readFile(_ path: String) throws -> Data {
    do { return try Data(contentsOf: URL(filePath: path)) } catch {
        throw ModelFileError.cannotOpen(path: path, reason: errno == 0 ? "\(error)" : String(cString: strerror(errno)))
    }
}

/// Writes a file beside the final one, makes it durable, then puts it in place: a crash leaves the old file or the new one.
/// - Throws: ``ModelFileError/cannotWrite(path:reason:)``
func writeFile(_ data: Data, to path: String) throws {
    let temporary = path + ".part"
    func fail() -> ModelFileError {
        let reason = String(cString: strerror(errno))
        unlink(temporary)
        return .cannotWrite(path: path, reason: reason)
    }
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { throw fail() }
    defer { close(file) }
    var written = 0
    while written < data.count {
        let count = data.withUnsafeBytes { write(file, $0.baseAddress! + written, $0.count - written) }
        guard count > 0 else { throw fail() }
        written += count
    }
    guard fsync(file) == 0, rename(temporary, path) == 0 else { throw fail() }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
        throw ModelFileError.cannotWrite(path: path, reason: "\(error)")
    }
}

/// Removes a file; one that is gone already is no error.
func removeFile(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else {
        throw ModelFileError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}

/// Like ``writeFile(_:to:)``, for text.
func writeText(_ text: String, to path: String) throws { try writeFile(Data(text.utf8), to: path) }
