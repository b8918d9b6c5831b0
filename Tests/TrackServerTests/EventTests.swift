import Foundation
import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

/// One open stream of events, read on a thread of its own.
final class EventReader: Sendable {
    private let lines: AsyncStream<String>

    /// - Parameter seconds: When to give up.
    init(port: Int, path: String, headers: String = "", seconds: Int = 30) {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        Thread.detachNewThread {
            defer { continuation.finish() }
            guard let connection = try? TestConnection(host: "127.0.0.1", port: port, timeout: seconds) else { return }
            connection.write(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\(headers)\r\n".utf8))
            var rest = ""
            while true {
                let bytes = connection.read()
                if bytes.isEmpty { return }
                rest += String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
                var parts = rest.components(separatedBy: "\n")
                rest = parts.removeLast()
                for part in parts { if case .terminated = continuation.yield(part) { return } }
            }
        }
    }

    /// Lines until one satisfies `last`, that one included; fewer if the stream ends before.
    func lines(until last: (String) -> Bool) async -> [String] {
        var read: [String] = []
        for await line in lines {
            read.append(line)
            if last(line) { break }
        }
        return read
    }
}

@Suite("GET /events") struct EventTests {
    @Test("tells of runs and rows soon after they are stored, only of the project asked for") func live() async throws {
        try await TestServer.run { server async throws in
            let reader = EventReader(port: server.port, path: "/api/v1/events?project=mine")
            let head = await reader.lines { $0.isEmpty }
            #expect(head.first == "HTTP/1.1 200 OK")
            #expect(head.contains { $0.lowercased() == "content-type: text/event-stream" || $0.lowercased().hasPrefix("content-type: text/event-stream;") })

            let other = try await server.makeRun(project: "other", logging: ["a": [1]])
            let run = try await server.makeRun(project: "mine", logging: ["loss": [1, 2, 3]])
            let stored = ContinuousClock.now
            let lines = await reader.lines { $0.contains(#""rows":3"#) }

            #expect(ContinuousClock.now - stored < .seconds(10))       // half a second, and the rest for a machine that runs all tests at once
            #expect(lines.contains("event: run") && lines.contains("event: rows"))
            #expect(lines.contains { $0.hasPrefix("data: {\"lastStep\":2,") && $0.contains(#""metrics":["loss"]"#) && $0.contains(run.text) })
            #expect(!lines.contains { $0.contains(other.text) })
            #expect(lines.contains { $0.hasPrefix("id: ") })
        }
    }

    @Test("tells a reader that was away too long to read everything again") func resync() async throws {
        try await TestServer.run { server async throws in
            let reader = EventReader(port: server.port, path: "/api/v1/events", headers: "Last-Event-ID: other-7\r\n")

            let lines = await reader.lines { $0 == "data: {}" }

            #expect(lines.suffix(2).contains("event: resync") || lines.contains("event: resync"))
        }
    }

    @Test("tells of a deletion") func deletion() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(project: "mine", logging: ["loss": [1]])
            let reader = EventReader(port: server.port, path: "/api/v1/events?project=mine")
            _ = await reader.lines { $0.isEmpty }

            _ = try await server.client.send("DELETE", "/api/v1/runs/\(run)")

            let lines = await reader.lines { $0 == #"data: {"project":"mine","run":"\#(run)"}"# }
            #expect(lines.contains("event: deleted"))
        }
    }
}
