import Foundation
import Synchronization
import Testing
@testable import HTTPSockets

private let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

@Suite("Connections") struct ConnectionTests {
    @Test("a client that has closed its sending side is still answered") func halfClosed() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send(get)
            client.endSending()
            #expect(client.response()?.text == "hello")
            #expect(client.isClosed())

            for length in [10, 100_000] {
                let cut = try RawClient(port: port)
                cut.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\nabc")
                cut.endSending()
                #expect(cut.response()?.status == 400, "cut from \(length) bytes")
            }
        }
    }

    @Test("a reset in the middle of a body ends the handler's body, and nothing else") func resetInBody() async throws {
        let failures = Mutex(0), started = Mutex(0)
        var routes = echoRoutes()
        routes.post("/failing", bodyLimit: .max) { request in
            started.withLock { $0 += 1 }
            do { for try await _ in request.body {} } catch { failures.withLock { $0 += 1 }; throw error }
            return .text("complete")
        }
        try await withServer(routes: routes) { port in
            for index in 0..<20 {
                let client = try RawClient(port: port)
                client.send("POST /failing HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
                client.send([UInt8](repeating: 1, count: 50_000))
                while started.withLock({ $0 }) <= index { usleep(1000) }
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
                withExtendedLifetime(client) {}
            }
            let end = Date() + 60
            while failures.withLock({ $0 }) < 20, Date() < end { usleep(10_000) }
            #expect(failures.withLock { $0 } == 20)

            let client = try RawClient(port: port)
            client.send(get)
            #expect(client.response()?.text == "hello")
        }
    }

    @Test("one connection too many is answered 503, and there is room again when others leave") func limit() async throws {
        try await withServer({ $0.limits.connections = 10 }) { port in
            var clients = try (0..<10).map { _ in try RawClient(port: port) }
            for client in clients { client.send(get); #expect(client.response()?.status == 200) }
            let refused = try RawClient(port: port)
            #expect(refused.response()?.status == 503)
            #expect(refused.isClosed())
            clients.removeLast(5)

            // The server hears of it a moment later.
            var status: Int?
            let end = Date() + 60
            while status != 200, Date() < end {
                let client = try RawClient(port: port)
                client.send(get)
                status = client.response()?.status
            }
            #expect(status == 200)
        }
    }

    @Test("IPv6 and Unix-domain sockets are served") func families() async throws {
        try await withServer({ $0.host = "::1" }) { port in
            let client = try RawClient(port: port, host: "::1")
            client.send(get)
            #expect(client.response()?.text == "hello")
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "track-http-\(getpid()).sock").path
        var routes = Routes()
        routes.get("/") { .text("\($0.peer) \($0.isLoopback)") }
        for _ in 0..<2 {        // a second start replaces the file of the first
            try await withServer({ $0.unixSocketPath = path }, routes: routes) { _ in
                let client = try RawClient(unixPath: path)
                client.send(get)
                #expect(client.response()?.text == "unix true")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("two servers cannot have one port, and the second says why") func portTaken() async throws {
        let first = HTTPServer(configuration: ServerConfiguration(port: 0), routes: Routes())
        let port = try await first.start().port

        await #expect(throws: ListenError.self) {
            try await HTTPServer(configuration: ServerConfiguration(port: port), routes: Routes()).start()
        }
        await first.shutdown(deadline: .zero)
    }

    @Test("shutting down finishes what is in flight, and closes the idle at once") func drain() async throws {
        let gate = AsyncStream<Void>.makeStream(), started = Mutex(false)
        var routes = echoRoutes()
        routes.get("/slow") { _ in
            started.withLock { $0 = true }
            for await _ in gate.stream {}
            return .text("finished")
        }
        let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: routes)
        let port = try await server.start().port
        let busy = UncheckedBox(try RawClient(port: port)), idle = UncheckedBox(try RawClient(port: port))
        try await blocking {
            idle.value.send(get)
            #expect(idle.value.response()?.status == 200)
            busy.value.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
            while !started.withLock({ $0 }) { usleep(1000) }
        }
        let start = ContinuousClock.now
        async let down: Void = server.shutdown(deadline: .seconds(120))
        try await blocking {
            #expect(idle.value.isClosed())
            gate.continuation.finish()
            let response = busy.value.response()
            #expect(response?.text == "finished" && response?["connection"] == "close")
            #expect(throws: SocketError.self) { try RawClient(port: port) }
            shutdown(busy.value.descriptor, Int32(SHUT_RDWR))
            shutdown(idle.value.descriptor, Int32(SHUT_RDWR))
        }
        await down
        #expect(ContinuousClock.now - start < .seconds(60), "it did not wait for its deadline")
        #expect(server.connectionCount == 0)
    }

    @Test("shutting down cuts what does not finish by the deadline") func drainDeadline() async throws {
        let started = Mutex(false), cancelled = Mutex(false)
        var routes = Routes()
        routes.get("/never") { _ in
            started.withLock { $0 = true }
            do { try await Task.sleep(for: .seconds(600)) } catch { cancelled.withLock { $0 = true } }
            return .text("")
        }
        let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: routes)
        let port = try await server.start().port
        let client = UncheckedBox(try RawClient(port: port))
        client.value.send("GET /never HTTP/1.1\r\nHost: h\r\n\r\n")
        while !started.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        await server.shutdown(deadline: .milliseconds(200))

        let end = Date() + 60
        while !cancelled.withLock({ $0 }), Date() < end { try await Task.sleep(for: .milliseconds(1)) }
        #expect(cancelled.withLock { $0 } && server.connectionCount == 0)
    }

    @Test("a prefix is taken off, and requests without it are served too") func prefix() async throws {
        try await withServer({ $0.pathPrefix = "/track" }) { port in
            let client = try RawClient(port: port)
            for path in ["/track/", "/track", "/"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(client.response()?.text == "hello", "\(path)")
            }
            client.send("GET /tracking HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.response()?.status == 404)
        }
    }

    @Test("the access log has one line for each request, also for those that could not be read") func accessLog() async throws {
        let entries = Mutex<[AccessLogEntry]>([])
        try await withServer({ $0.accessLog = { entry in entries.withLock { $0.append(entry) } } }) { port in
            let client = try RawClient(port: port)
            client.send("GET /runs/a/series/b?x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: test\r\n\r\n")
            #expect(client.response()?.status == 200)
            client.send("nonsense\r\n\r\n")
            #expect(client.response()?.status == 400)
        }
        let seen = entries.withLock { $0 }
        #expect(seen.map(\.status) == [200, 400])
        #expect(seen[0].route == "/runs/{run}/series/{name...}" && seen[0].userAgent == "test" && seen[0].target == "/runs/a/series/b?x=1")
        #expect(seen[0].peer == "127.0.0.1" && seen[0].bytesSent > 100 && seen[0].duration < .seconds(60))
    }

    @Test("several loops serve side by side") func threads() async throws {
        try await withServer({ $0.threads = 3 }) { port in
            let clients = try (0..<30).map { _ in try RawClient(port: port) }
            for _ in 0..<3 {
                for client in clients { client.send(get) }
                for client in clients { #expect(client.response()?.text == "hello") }
            }
        }
    }
}
