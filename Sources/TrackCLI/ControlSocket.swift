import Foundation
import TrackModel

/// Asks a running server through the socket in its data folder: who may open the folder's socket owns the data, and needs no key.
struct ControlSocket {
    /// Where the socket lies; `nil` if the folder's path is too long for one (the system allows some 100 bytes).
    static func path(in folder: String) -> String? {
        let path = folder + "/control.sock"
        return path.utf8.count < 100 ? path : nil
    }

    let path: String

    /// Sends one request and reads the whole answer.
    /// - Returns: Status and body.
    func send(_ method: String, _ target: String, body: [UInt8] = []) throws -> (status: Int, body: Data) {
        let descriptor = try connect()
        defer { close(descriptor) }
        let head = "\(method) \(target) HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        let file = FileHandle(fileDescriptor: descriptor)
        try file.write(contentsOf: Data(head.utf8) + Data(body))
        let answer = try file.readToEnd() ?? Data()
        guard let end = answer.firstRange(of: Self.headEnd),
              let status = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw CommandError.noAnswer(path)
        }
        return (status, Data(answer[end.upperBound...]))
    }

    /// Sends a `GET` and writes the answer's body to a new file as it comes.
    /// - Throws: ``CommandError/refused(_:)`` with the server's words.
    func download(_ target: String, to path: String) throws {
        let descriptor = try connect()
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data("GET \(target) HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8))
        var head = Data()
        while head.firstRange(of: Self.headEnd) == nil {
            guard let part = try file.read(upToCount: 1 << 16), !part.isEmpty else { throw CommandError.noAnswer(self.path) }
            head += part
        }
        let end = head.firstRange(of: Self.headEnd)!.upperBound
        guard head.starts(with: Data("HTTP/1.1 200".utf8)) else {
            let body = head[end...] + (try file.readToEnd() ?? Data())
            throw CommandError.refused((try? JSONDecoder().decode(ErrorResponse.self, from: body).error.message) ?? "The server refused.")
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let output = FileHandle(forWritingAtPath: path) else {
            throw CommandError.refused("The file \(path) cannot be written.")
        }
        try output.write(contentsOf: head[end...])
        while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { try output.write(contentsOf: part) }
        try output.synchronize()
        try output.close()
    }

    private static let headEnd = Data("\r\n\r\n".utf8)

    private func connect() throws -> Int32 {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard status == 0 else {
            close(descriptor)
            throw CommandError.noAnswer(path)
        }
        return descriptor
    }
}
