import Foundation
@testable import HTTPSockets

/// A blocking socket that says exactly what it is told, for tests on the level of bytes.
final class RawClient {
    let descriptor: Int32

    convenience init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        self.init(unconnectedTo: host, receiveBuffer: receiveBuffer)
        try connect(port: port, host: host)
    }

    /// A socket that ``connect(port:host:)`` may use later, when there are no more to be had.
    init(unconnectedTo host: String = "127.0.0.1", receiveBuffer: Int32? = nil) {
        let isV6 = host.contains(":")
        descriptor = socket(isV6 ? AF_INET6 : AF_INET, streamSocket, 0)
        if let receiveBuffer { Socket.setOption(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        Socket.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        setTimeout(60)
    }

    func connect(port: Int, host: String = "127.0.0.1") throws {
        let connected: Int32
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(port).bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        }
        guard connected == 0 else { throw SocketError("connect") }
    }

    init(unixPath: String) throws {
        descriptor = try Socket.connect(path: unixPath)
        setTimeout(60)
    }

    deinit { systemClose(descriptor) }

    func setTimeout(_ seconds: Double) {
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - seconds.rounded(.down)) * 1e6))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// - Returns: Whether all was taken; a closed connection is no error here.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { systemSend(descriptor, $0.baseAddress! + sent, bytes.count - sent, Socket.sendFlags) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// At most `limit` bytes; empty at the end of the stream, `nil` after the time-out or a reset.
    func receive(_ limit: Int = 65_536) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = systemReceive(descriptor, buffer.baseAddress!, limit, 0)
            initialized = max(0, count)
        }
        return count < 0 ? nil : bytes
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    private var pending: [UInt8] = []

    /// Reads one response; `nil` if the connection ended or fell silent before its head.
    func response(toHead: Bool = false) -> RawResponse? {
        while true {
            if let end = Self.headEnd(pending) {
                var response = RawResponse(head: String(decoding: pending[..<end], as: UTF8.self))
                pending.removeFirst(end)
                readBody(&response, toHead: toHead)
                return response
            }
            guard let more = receive(), !more.isEmpty else { return nil }
            pending += more
        }
    }

    /// Whether the server has closed its side (at once, or within the time-out).
    func isClosed(within seconds: Double = 60) -> Bool {
        setTimeout(seconds)
        guard pending.isEmpty, let more = receive() else { return errno == ECONNRESET }
        pending += more
        return more.isEmpty
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...bytes.count - 4 where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
            return index + 4
        }
        return nil
    }

    private func readBody(_ response: inout RawResponse, toHead: Bool) {
        if toHead || response.status == 304 || response.status == 204 || response.status < 200 { return }
        if let length = response["content-length"].flatMap({ Int($0) }) {
            while pending.count < length, let more = receive(), !more.isEmpty { pending += more }
            response.body = Array(pending.prefix(length))
            pending.removeFirst(response.body.count)
            response.isComplete = response.body.count == length
        } else if response["transfer-encoding"] == "chunked" {
            readChunks(&response)
        } else {
            while let more = receive(), !more.isEmpty { pending += more }
            response.body = pending
            pending = []
        }
    }

    private func readChunks(_ response: inout RawResponse) {
        var parser = ChunkedParser(overheadLimit: 1000)
        while true {
            var offset = 0
            var step = ChunkedParser.Step.needsMore
            pending.withUnsafeBufferPointer { step = (try? parser.next($0, &offset)) ?? .needsMore }
            if case .data(let range) = step { response.body += pending[range] }
            pending.removeFirst(offset)
            if step == .end { return }
            if pending.isEmpty {
                guard let more = receive(), !more.isEmpty else {
                    response.isComplete = false
                    return
                }
                pending = more
            }
        }
    }
}

struct RawResponse {
    let head: String
    var body: [UInt8] = []
    var isComplete = true

    var status: Int { Int(head.dropFirst(9).prefix(3)) ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(name: String) -> String? {
        head.components(separatedBy: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}

/// Runs blocking work on a thread of its own, as part of the present task: the pool's threads belong to the handlers.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }.start()
    }
}

/// Starts a server on a free port, runs `body` on a thread, and shuts the server down.
@discardableResult
func withServer<Value: Sendable>(
    _ configure: (inout ServerConfiguration) -> Void = { _ in }, routes: Routes = echoRoutes(),
    _ body: @escaping @Sendable (Int) throws -> Value
) async throws -> Value {
    var configuration = ServerConfiguration(port: 0)
    configure(&configuration)
    let server = HTTPServer(configuration: configuration, routes: routes)
    let address = try await server.start()
    do {
        let value = try await blocking { try body(address.port) }
        await server.shutdown(deadline: .seconds(2))
        return value
    } catch {
        await server.shutdown(deadline: .zero)
        throw error
    }
}

/// Routes that show what the server understood.
func echoRoutes() -> Routes {
    var routes = Routes()
    routes.get("/") { _ in .text("hello") }
    routes.post("/echo") { request in .bytes(try await request.body.collect()) }
    routes.put("/echo") { request in .bytes(try await request.body.collect()) }
    routes.post("/small", bodyLimit: 10) { request in .bytes(try await request.body.collect()) }
    routes.post("/unread") { _ in .text("not read") }
    routes.post("/count", bodyLimit: .max) { request in
        var count = 0
        for try await chunk in request.body { count += chunk.count }
        return .text("\(count)")
    }
    routes.get("/target") { .text($0.target) }
    routes.get("/host") { .text($0.host ?? "") }
    routes.get("/query") { .text($0.query.items.map { "\($0.name)=\($0.value)" }.joined(separator: ";")) }
    routes.get("/runs/{run}/series/{name...}") { .text("\($0.parameters["run"]!)|\($0.parameters["name"]!)") }
    routes.get("/split") { _ in Response(headers: ["X-Bad": "a\r\nX-Injected: 1"], body: .bytes([1])) }
    routes.get("/throws") { _ in throw HTTPError.invalidParameter(name: "x", "it is wrong") }
    routes.get("/stream") { _ in
        .stream(contentType: "text/plain") { writer in for index in 0..<3 { try await writer.write("part \(index)\n") } }
    }
    routes.get("/tagged") { _ in Response(headers: ["ETag": "\"v1\"", "Content-Type": "text/plain"], body: .bytes(Array("tagged".utf8))) }
    return routes
}
