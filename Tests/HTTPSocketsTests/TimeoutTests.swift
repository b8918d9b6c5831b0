import Foundation
import Testing
@testable import HTTPSockets

@Suite("Slow clients") struct TimeoutTests {
    private static func quick(_ configuration: inout ServerConfiguration) {
        configuration.timeouts.head = .milliseconds(600)
        configuration.timeouts.idle = .seconds(2)
        configuration.timeouts.bodyWindow = .milliseconds(1500)
        configuration.timeouts.minimumBodyRate = 1000
    }

    @Test("headers that drip are answered 408, however steadily they drip") func slowHead() async throws {
        try await withServer(Self.quick) { port in
            let client = try RawClient(port: port)
            let start = Date()
            for byte in "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8 {
                guard client.send([byte]) else { break }
                usleep(20_000)
                if Date().timeIntervalSince(start) > 1.5 { break }
            }

            #expect(client.response()?.status == 408)
            #expect(client.isClosed())
        }
    }

    @Test("a small body that drips is answered 408") func slowSmallBody() async throws {
        try await withServer(Self.quick) { port in
            let client = try RawClient(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc")

            #expect(client.response()?.status == 408)
            #expect(client.isClosed())
        }
    }

    @Test("a streamed body that drips is answered 408") func slowStreamedBody() async throws {
        try await withServer(Self.quick) { port in
            let client = try RawClient(port: port)
            client.send("POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")

            #expect(client.response()?.status == 408)
            #expect(client.isClosed())
        }
    }

    @Test("a body that comes fast enough may take longer than a window") func steadyBody() async throws {
        try await withServer(Self.quick) { port in
            let client = try RawClient(port: port)
            client.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
            for _ in 0..<10 {
                client.send([UInt8](repeating: 1, count: 10_000))
                usleep(300_000)
            }

            #expect(client.response()?.text == "100000")
        }
    }

    @Test("an idle connection is closed without a word") func idle() async throws {
        try await withServer(Self.quick) { port in
            let fresh = try RawClient(port: port), used = try RawClient(port: port)
            used.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(used.response()?.status == 200)

            #expect(fresh.isClosed() && used.isClosed())
        }
    }

    @Test("a handler may take longer than every time-out of clients") func slowHandler() async throws {
        var routes = Routes()
        routes.get("/slow") { _ in
            try await Task.sleep(for: .milliseconds(2500))
            return .text("at last")
        }
        try await withServer(Self.quick, routes: routes) { port in
            let client = try RawClient(port: port)
            client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")

            #expect(client.response()?.text == "at last")
        }
    }
}
