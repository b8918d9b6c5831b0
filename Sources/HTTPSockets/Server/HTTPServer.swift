#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// An HTTP/1.1 server on non-blocking sockets.
///
/// ```swift
/// var routes = Routes()
/// routes.get("/hello/{name}") { .text("Hello \($0.parameters["name"]!)\n") }
/// let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: routes)
/// print(try await server.start().url)
/// …
/// await server.shutdown(deadline: .seconds(10))
/// ```
public final class HTTPServer: Sendable {
    private struct State {
        var loops: [EventLoop] = []
        var listener: Listener?
        var isStarted = false
        var isShutDown = false
    }

    private let configuration: ServerConfiguration
    private let core: ServerCore
    // The listener is touched on its loop only; the lock guards the reference.
    private let state = Mutex<UncheckedBox<State>>(UncheckedBox(State()))
    private let nextLoop = Atomic<Int>(0)

    public init(configuration: ServerConfiguration, routes: Routes) {
        self.configuration = configuration
        core = ServerCore(configuration, routes, descriptors: Socket.raiseDescriptorLimit())
    }

    /// Connections that are open now.
    public var connectionCount: Int { core.connectionCount }

    /// Binds, listens and serves; returns at once.
    /// - Throws: ``ListenError``, ``SocketError``. A server starts once.
    public func start() async throws -> BoundAddress {
        let socket: Int32
        if let path = configuration.unixSocketPath {
            socket = try Socket.listen(path: path, backlog: configuration.backlog)
        } else {
            socket = try Socket.listen(host: configuration.host, port: configuration.port, backlog: configuration.backlog)
        }
        let loops: [EventLoop]
        do {
            loops = try (0..<max(1, configuration.threads)).map { _ in try EventLoop() }
        } catch {
            systemClose(socket)
            throw error
        }
        let isFirst = state.withLock { state -> Bool in
            defer { state.value.isStarted = true; state.value.loops = loops }
            return !state.value.isStarted
        }
        precondition(isFirst, "HTTPServer: start() was called twice")
        for (index, loop) in loops.enumerated() { loop.start(name: "http-\(index)") }
        listen(on: socket, loops)
        return boundAddress(socket)
    }

    private func boundAddress(_ socket: Int32) -> BoundAddress {
        if let path = configuration.unixSocketPath { return BoundAddress(host: path, port: 0, url: "unix:\(path)") }
        let (host, port) = Socket.localAddress(of: socket)
        // What listens everywhere is reached here by the loopback address.
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
        let literal = reachable.contains(":") ? "[\(reachable)]" : reachable
        return BoundAddress(host: host, port: port, url: "http://\(literal):\(port)\(configuration.pathPrefix)")
    }

    private func listen(on socket: Int32, _ loops: [EventLoop]) {
        let first = loops[0], isTCP = configuration.unixSocketPath == nil
        let warn = configuration.warn
        let refusal = RefusedConnection.bytes(core)
        first.perform { [self] in
            let listener = Listener(socket, isTCP: isTCP, loop: first, refusal: refusal, accepted: { [weak self] in
                self?.accepted($0, peer: $1, loops)
            }, warn: warn)
            state.withLock { $0.value.listener = listener }
            do { try first.register(listener) } catch { warn("\(error)") }
            listener.continueWork()
        }
    }

    private func accepted(_ descriptor: Int32, peer: String, _ loops: [EventLoop]) {
        let loop = loops.count == 1 ? loops[0] : loops[nextLoop.wrappingAdd(1, ordering: .relaxed).newValue % loops.count]
        let hasRoom = core.connectionOpened()
        loop.perform { [core] in
            let connection = Connection(descriptor, peer: peer, core: core, loop: loop)
            if hasRoom { connection.open() } else { connection.openRefused() }
        }
    }

    /// Stops accepting, closes idle connections, lets requests in flight finish, and returns when all is closed.
    /// - Parameter deadline: After it, what is still open is cut.
    public func shutdown(deadline: Duration) async {
        let (loops, listener, isFirst) = state.withLock { state in
            defer { state.value.isShutDown = true }
            return (state.value.loops, UncheckedBox(state.value.listener), !state.value.isShutDown && state.value.isStarted)
        }
        guard isFirst else { return }
        core.beginDraining()
        loops[0].perform { listener.value?.close() }
        if let path = configuration.unixSocketPath { unlink(path) }
        for loop in loops { loop.perform { for connection in loop.allConnections { connection.drain() } } }
        let end = ContinuousClock.now + deadline
        while core.connectionCount > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        for loop in loops { loop.perform { for connection in loop.allConnections { connection.abort() } } }
        for loop in loops { await withCheckedContinuation { done in loop.stop { done.resume() } } }
        state.withLock { $0.value.listener = nil }
    }
}

/// Carries a value that its user keeps to one thread.
struct UncheckedBox<Value>: @unchecked Sendable {     // each use says which thread
    var value: Value
    init(_ value: Value) { self.value = value }
}
