import Foundation
import Testing
@testable import HTTPSockets

private let listen = "GET /events HTTP/1.1\r\nHost: h\r\n"

@Suite("Server-sent events") struct EventTests {
    private func routes(_ hub: EventHub) -> Routes {
        var routes = echoRoutes()
        routes.get("/events") { request in .events(hub.stream(lastEventID: request.headers["last-event-id"])) }
        routes.get("/few") { _ in
            .events(EventStream { writer in for index in 0..<3 { try await writer.send(ServerSentEvent(event: "n", data: "\(index)")) } })
        }
        return routes
    }

    /// Reads until `text` has come, or gives up.
    @discardableResult
    private static func read(_ client: RawClient, until text: String, for seconds: Double = 60) -> String {
        var seen = Data()
        var searched = 0
        let end = Date() + seconds, wanted = Data(text.utf8)
        while Date() < end, let more = client.receive(1 << 20), !more.isEmpty {
            seen += more
            if seen.range(of: wanted, in: max(0, searched - wanted.count)..<seen.count) != nil { break }
            searched = seen.count
        }
        return String(decoding: seen, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    @Test("every listener gets every event, in order, with ids") func broadcast() async throws {
        let hub = EventHub()
        try await withServer(routes: routes(hub)) { port in
            let clients = try (0..<50).map { _ in try RawClient(port: port) }
            for client in clients { client.send(listen + "\r\n") }
            while hub.listenerCount < 50 { usleep(1000) }
            for index in 0..<100 { hub.publish(ServerSentEvent(event: "tick", data: "\(index)")) }

            for client in clients {
                let text = Self.read(client, until: "data: 99\n")
                let numbers = text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
                guard numbers == (0..<100).map(String.init) else { Issue.record("\(numbers.count) events"); return }
            }
        }
        #expect(hub.listenerCount == 0)
    }

    @Test("a client that comes back is sent what it missed, or told to start anew") func replay() async throws {
        let hub = EventHub(replay: 10)
        for index in 0..<20 { hub.publish(ServerSentEvent(data: "\(index)")) }
        try await withServer(routes: routes(hub)) { port in
            let first = try RawClient(port: port)
            first.send(listen + "\r\n")
            while hub.listenerCount < 1 { usleep(1000) }
            hub.publish(ServerSentEvent(data: "20"))
            let id = try #require(Self.read(first, until: "data: 20").split(separator: "\n").first { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) })
            let epoch = id.split(separator: "-")[0]
            hub.publish(ServerSentEvent(data: "21"))
            hub.publish(ServerSentEvent(data: "22"))

            let back = try RawClient(port: port)
            back.send(listen + "Last-Event-ID: \(id)\r\n\r\n")
            let missed = Self.read(back, until: "data: 22")
            #expect(missed.contains("data: 21") && !missed.contains("data: 20") && !missed.contains("resync"))
            for old in ["\(epoch)-1", "other-21", "nonsense", "\(epoch)-999", "", "-", "\(epoch)-", "\(epoch)--1", "\(epoch)-1e1", "\(epoch)-21-21",
                        "\(epoch)-18446744073709551615", "\(epoch)-18446744073709551616", "\u{e9}", String(repeating: "9", count: 8000)] {
                let lost = try RawClient(port: port)
                lost.send(listen + "Last-Event-ID: \(old)\r\n\r\n")
                #expect(Self.read(lost, until: "event: resync").contains("event: resync"), "\(old)")
            }
        }
    }

    @Test("a listener that falls behind is told to start anew, and the others notice nothing") func fallsBehind() async throws {
        let hub = EventHub(listenerBuffer: 20)
        try await withServer(routes: routes(hub)) { port in
            let slow = try RawClient(port: port), quick = try RawClient(port: port)
            for client in [slow, quick] { client.send(listen + "\r\n") }
            while hub.listenerCount < 2 { usleep(1000) }
            let data = String(repeating: "x", count: 200_000)
            for index in 0..<100 {
                hub.publish(ServerSentEvent(event: "large", data: data))
                hub.publish(ServerSentEvent(event: "mark", data: "end of \(index)."))
                let seen = Self.read(quick, until: "end of \(index).")
                guard seen.contains("end of \(index).") else { Issue.record("the quick one stopped at \(index)"); return }
            }

            let seen = Self.read(slow, until: "event: resync")
            #expect(seen.contains("event: resync"))
            hub.publish(ServerSentEvent(event: "later", data: "and on"))
            #expect(Self.read(slow, until: "and on").contains("and on"))
        }
    }

    @Test("a silent stream gets heartbeats; a client that leaves is forgotten") func heartbeat() async throws {
        let hub = EventHub()
        try await withServer({ $0.timeouts.heartbeat = .milliseconds(200) }, routes: routes(hub)) { port in
            var client: RawClient? = try RawClient(port: port)
            client!.send(listen + "\r\n")
            #expect(Self.read(client!, until: ":\n\n").contains(":\n\n"))
            client = nil
            let end = Date() + 60
            while hub.listenerCount > 0, Date() < end { usleep(10_000) }
            #expect(hub.listenerCount == 0)
        }
    }

    @Test("streams end when their writer ends, when the hub closes, and when the server drains") func ends() async throws {
        let hub = EventHub()
        let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: routes(hub))
        let port = try await server.start().port
        let listener = UncheckedBox(try RawClient(port: port))
        try await blocking {
            let client = try RawClient(port: port)
            client.send("GET /few HTTP/1.1\r\nHost: h\r\n\r\n")
            let few = client.response()
            #expect(few?.text == "event: n\ndata: 0\n\nevent: n\ndata: 1\n\nevent: n\ndata: 2\n\n" && few?["content-type"] == "text/event-stream")
            listener.value.send(listen + "\r\n")
            while hub.listenerCount < 1 { usleep(1000) }
        }
        let start = ContinuousClock.now
        async let down: Void = server.shutdown(deadline: .seconds(120))
        try await blocking { #expect(listener.value.response()?.isComplete == true); shutdown(listener.value.descriptor, Int32(SHUT_RDWR)) }
        await down
        #expect(ContinuousClock.now - start < .seconds(60), "it did not wait for its deadline")
        #expect(hub.listenerCount == 0)
    }

    @Test("two thousand listeners are all served an event") func crowd() async throws {
        let hub = EventHub()
        try await withServer(routes: routes(hub)) { port in
            let clients = try (0..<2000).map { _ in try RawClient(port: port) }
            for client in clients { client.send(listen + "\r\n") }
            let end = Date() + 60
            while hub.listenerCount < 2000, Date() < end { usleep(1000) }
            hub.publish(ServerSentEvent(data: "to all"))

            for client in clients where !Self.read(client, until: "to all").contains("to all") { Issue.record("one was not served"); return }
        }
    }
}
