import Foundation
import Synchronization
import Testing
@testable import HTTPSockets

@Suite("Requests that are answered without a task") struct DirectHandlerTests {
    /// `/direct` takes what does not begin with “no”, and answers “at once” so, else from another thread; the handler answers the rest.
    private func routes(_ taken: Taken = Taken()) -> Routes {
        var routes = Routes()
        routes.add(.post, "/direct", direct: { request, body, reply in
            if body.starts(with: "no".utf8) { return false }
            if body.starts(with: "at once".utf8) {
                reply.send(.text("at once \(body.count)"))
                return true
            }
            taken.add(reply)
            if body.starts(with: "keep".utf8) { return true }
            Thread.detachNewThread { taken.answer(.text("direct \(body.count) \(request.headers["x-mark"] ?? "-")")) }
            return true
        }) { request in
            .text("handler \(try await request.body.collect().count)")
        }
        return routes
    }

    private func post(_ body: String, _ fields: String = "") -> String {
        "POST /direct HTTP/1.1\r\nHost: h\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("get their answers in order, also when they come together, and what is declined goes to the handler") func order() async throws {
        try await withServer(routes: routes()) { port in
            let client = try RawClient(port: port)
            client.send(post("a", "X-Mark: 1\r\n") + post("no") + post("abc") + post(String(repeating: "x", count: 70_000)) + post("ab"))

            #expect((0..<5).map { _ in client.response()?.text } == ["direct 1 1", "handler 2", "direct 3 -", "handler 70000", "direct 2 -"])
        }
    }

    @Test("may be answered before the handler returns, one after the other on one connection") func atOnce() async throws {
        try await withServer(routes: routes()) { port in
            let client = try RawClient(port: port)
            for _ in 0..<100 {
                client.send(post("at once") + post("a") + post("at once!") + post("no") + post("at once"))
                #expect((0..<5).map { _ in client.response()?.text } == ["at once 7", "direct 1 -", "at once 8", "handler 2", "at once 7"])
            }
        }
    }

    @Test("with an encoded or a chunked body are left to the handler") func encoded() async throws {
        try await withServer(routes: routes()) { port in
            let client = try RawClient(port: port)
            client.send("POST /direct HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            #expect(client.response()?.text == "handler 3")
            client.send(post("abc", "Content-Encoding: gzip\r\n"))
            #expect(client.response()?.status == 400)
        }
    }

    @Test("may lose their client before they are answered; an answer of streams is an error") func lateOrWrong() async throws {
        let taken = Taken()
        try await withServer(routes: routes(taken)) { port in
            do {
                let gone = try RawClient(port: port)
                gone.send(post("keep"))
                while taken.count < 1 { usleep(1_000) }
            }
            let client = try RawClient(port: port)
            client.send(post("keep"))
            while taken.count < 2 { usleep(1_000) }
            taken.answer(.text("too late"))
            taken.answer(.stream(contentType: "text/plain") { try await $0.write("x") })
            #expect(client.response()?.status == 500)
            client.send(post("again"))
            #expect(client.response()?.text == "direct 5 -")
        }
    }

    @Test("that are under way when the server stops are answered first") func drains() async throws {
        let taken = Taken()
        let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: routes(taken))
        let port = try await server.start().port
        let client = try await blocking {
            let client = try RawClient(port: port)
            client.send(post("keep"))
            while taken.count < 1 { usleep(1_000) }
            return UncheckedBox(client)
        }
        async let stopped: Void = server.shutdown(deadline: .seconds(60))
        taken.answer(.text("at last"))
        let text = try await blocking { client.value.response()?.text }
        await stopped

        #expect(text == "at last")
    }
}

/// The replies that are owed, oldest first.
private final class Taken: Sendable {
    private let replies = Mutex<(waiting: [Reply], count: Int)>(([], 0))
    var count: Int { replies.withLock { $0.count } }
    func add(_ reply: Reply) { replies.withLock { $0.waiting.append(reply); $0.count += 1 } }
    func answer(_ response: Response) { replies.withLock { $0.waiting.removeFirst() }.send(response) }
}

@Suite("Staying awake") struct WakefulnessTests {
    @Test("pays only where answers and next requests came within a moment the last time") func pays() {
        var wakefulness = Wakefulness()
        let start: Int64 = 1_000_000_000
        wakefulness.taken(at: start)
        #expect(!wakefulness.isAwake(at: start))
        wakefulness.answered(at: start + 90_000)                // quick, but nobody has come back yet
        #expect(!wakefulness.isAwake(at: start + 90_000))
        wakefulness.taken(at: start + 110_000)
        #expect(wakefulness.isAwake(at: start + 200_000))
        wakefulness.answered(at: start + 200_000)
        #expect(wakefulness.isAwake(at: start + 310_000) && !wakefulness.isAwake(at: start + 330_000))
        wakefulness.taken(at: start + 9_000_000)                // came late: the answer may be quick still
        wakefulness.answered(at: start + 9_090_000)
        #expect(!wakefulness.isAwake(at: start + 9_300_000))
        wakefulness.taken(at: start + 9_100_000)
        wakefulness.answered(at: start + 14_100_000)            // a slow disk
        wakefulness.taken(at: start + 14_110_000)
        #expect(!wakefulness.isAwake(at: start + 14_240_000))
    }

    @Test("does not pay in a crowd, until it has been gone for a while") func crowd() {
        var wakefulness = Wakefulness(), now: Int64 = 1_000_000_000
        func exchange(_ requests: Int) -> Bool {
            for _ in 0..<requests { wakefulness.taken(at: now); now += 1_000 }
            let isAwake = wakefulness.isAwake(at: now)
            for _ in 0..<requests { wakefulness.answered(at: now); now += 1_000 }
            return isAwake
        }
        _ = exchange(1)
        _ = exchange(1)
        #expect(exchange(3))
        _ = exchange(4)
        now += 1_000_000
        var quiet = 0
        while !exchange(1), quiet < 1_000 { quiet += 1 }
        #expect((64...66).contains(quiet))
    }
}
