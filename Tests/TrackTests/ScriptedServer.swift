import Foundation
import Synchronization

/// A server on a free port of this machine whose every answer the test writes, wrong ones included.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: [UInt8]
    }

    enum Reply: Sendable {
        case answer(Int, String, headers: [String: String] = [:])
        /// Closes the connection without a word.
        case drop
        /// Promises more than it sends.
        case half(Int, String)
        /// Says nothing for a while, then closes.
        case silence(Duration)
        case raw(String)
    }

    let port: Int
    private let listener: Mutex<Int32>
    private let connections = Mutex<[Int32]>([])
    private let handler: @Sendable (Request) -> Reply

    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter port: 0 picks a free one.
    init(port: Int = 0, _ handler: @escaping @Sendable (Request) -> Reply) throws {
        self.handler = handler
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        guard bound, listen(descriptor, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        self.port = Int(in_port_t(bigEndian: address.sin_port))
        listener = Mutex(descriptor)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 { return }
                guard let self else { close(connection); return }
                connections.withLock { $0.append(connection) }
                Thread.detachNewThread { [weak self] in self?.serve(connection) }
            }
        }
    }

    deinit { stop() }

    func stop() {
        listener.withLock { descriptor in
            if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)); close(descriptor) }
            descriptor = -1
        }
        connections.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    private func serve(_ connection: Int32) {
        defer {
            connections.withLock { $0.removeAll { $0 == connection } }
            close(connection)
        }
        var buffer: [UInt8] = []
        while let request = read(connection, &buffer) {
            switch handler(request) {
            case .answer(let status, let body, let headers):
                let extra = headers.map { "\($0): \($1)\r\n" }.joined()
                guard send(connection, "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)") else { return }
            case .drop: return
            case .half(let status, let body):
                _ = send(connection, "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body.prefix(body.count / 2))")
                return
            case .silence(let duration):
                Thread.sleep(forTimeInterval: Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
                return
            case .raw(let text):
                _ = send(connection, text)
                return
            }
        }
    }

    private func read(_ connection: Int32, _ buffer: inout [UInt8]) -> Request? {
        let mark = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while true {
            if headEnd == nil { headEnd = buffer.firstRange(of: mark)?.lowerBound }
            if let headEnd {
                let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
                let words = lines[0].split(separator: " ").map(String.init)
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                if buffer.count >= headEnd + 4 + length {
                    let body = Array(buffer[(headEnd + 4)..<(headEnd + 4 + length)])
                    buffer.removeFirst(headEnd + 4 + length)
                    return Request(method: words[0], path: words.count > 1 ? words[1] : "", headers: headers, body: body)
                }
            }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer.append(contentsOf: chunk[..<count])
            if buffer[0] == 0x16 { return nil }        // the greeting of TLS, which this server does not speak
        }
    }

    private func send(_ connection: Int32, _ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
