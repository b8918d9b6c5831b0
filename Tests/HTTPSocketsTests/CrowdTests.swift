import Foundation
import Synchronization
import Testing
@testable import HTTPSockets

private let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

/// Many clients at once. These tests use thousands of descriptors, so they run alone: `swift test --no-parallel`.
@Suite("Crowds", .serialized) struct CrowdTests {
    @Test("ten thousand idle connections cost little, keep nobody waiting, and give their memory back") func idleThousands() async throws {
        var configuration = ServerConfiguration(port: 0)
        configuration.limits.connections = 20_000
        let server = HTTPServer(configuration: configuration, routes: echoRoutes())
        let port = try await server.start().port
        // Descriptors for the test itself stay free; where the limit is low, the crowd is smaller.
        let count = min(10_000, Socket.raiseDescriptorLimit() * 3 / 4)
        if count < 10_000 { print("Only \(count) idle connections: the limit of open files is \(Socket.raiseDescriptorLimit())") }
        try await blocking {
            var grown: [Int] = []
            for _ in 0..<2 {
                let before = residentBytes()
                let crowds = try (0..<4).map { _ in try Crowd(count / 4, port: port) }
                for crowd in crowds { #expect(crowd.isReady) }
                #expect(server.connectionCount >= count / 4 * 4)
                let times = try probe(port, times: 21)
                #expect(times[10] < .milliseconds(500), "\(times)")
                grown.append(residentBytes() - before)
                for crowd in crowds { crowd.leave() }
                let end = Date() + 60
                while server.connectionCount > 0, Date() < end { usleep(5000) }
                #expect(server.connectionCount == 0)
            }

            #expect(grown[0] / count <= 8192, "\(grown[0] / count) bytes for each")
            #expect(grown[1] < count * 1024, "the second crowd needed \(grown[1]) bytes more than the first")
        }
        await server.shutdown(deadline: .seconds(1))
    }

    @Test("a burst of twenty thousand connections is answered, and memory does not grow") func burst() async throws {
        try await withServer({ $0.host = "0.0.0.0" }) { port in
            var resident: [Int] = []
            for round in 0..<40 {
                // Each round has an address of its own, or the ports of one would run out.
                let clients = try (0..<500).map { _ in try RawClient(port: port, host: "127.0.0.\(round + 2)") }
                for client in clients { client.send(get) }
                for client in clients where client.response()?.text != "hello" { Issue.record("round \(round): no answer"); return }
                resident.append(residentBytes())
            }
            #expect(try probe(port, times: 5)[2] < .milliseconds(500))
            #expect(resident[39] - resident[9] < 16 << 20, "\(resident)")
        }
    }

    @Test("two thousand slow and silent clients do not keep others waiting, and are sent away") func slowCrowd() async throws {
        var configuration = ServerConfiguration(port: 0)
        configuration.timeouts.head = .seconds(1)
        configuration.timeouts.idle = .seconds(1)
        configuration.timeouts.bodyWindow = .seconds(1)
        configuration.timeouts.linger = .milliseconds(200)
        let server = HTTPServer(configuration: configuration, routes: echoRoutes())
        let port = try await server.start().port
        let count = min(2000, Socket.raiseDescriptorLimit() / 3)
        try await blocking {
            let starts = ["GET / HTTP/1.1\r\nHo", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nab",
                          "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ""]
            let crowd = try (0..<count).map { index in
                let client = try RawClient(port: port)
                client.send(starts[index % starts.count])
                return client
            }
            #expect(try probe(port, times: 21)[10] < .milliseconds(500))
            let end = Date() + 60
            while server.connectionCount > 0, Date() < end { usleep(10_000) }

            #expect(server.connectionCount == 0)
            for (index, client) in crowd.prefix(40).enumerated() {
                #expect(client.response()?.status == (index % 4 == 3 ? nil : 408))
            }
        }
        await server.shutdown(deadline: .seconds(1))
    }

    @Test("without descriptors accepting pauses, open connections are served, and new ones once there is room") func exhausted() async throws {
        let warnings = Mutex<[String]>([])
        try await withServer({ $0.warn = { text in warnings.withLock { $0.append(text) } } }) { port in
            let open = try (0..<10).map { _ in try RawClient(port: port) }
            for client in open { client.send(get); #expect(client.response()?.status == 200) }
            let waiting = (0..<20).map { _ in RawClient() }
            let start = ContinuousClock.now
            let hunger = Hunger()
            for client in waiting { try client.connect(port: port); client.send(get) }
            usleep(250_000)
            let time = ContinuousClock().measure {
                for client in open { client.send(get); #expect(client.response()?.text == "hello") }
            }
            hunger.end()
            // One client is refused in each pause, so a machine that took its time over this may have refused more.
            let pauses = Int((ContinuousClock.now - start) / .nanoseconds(Listener.pause)) + 2

            #expect(time < .seconds(5), "\(time) for ten requests on open connections")
            let statuses = waiting.map { $0.response()?.status }
            #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 } && statuses.count { $0 == 503 } <= pauses, "\(statuses)")
            #expect(try probe(port, times: 1)[0] < .seconds(5))
        }
        #expect(warnings.withLock { $0.contains { $0.contains("accepting pauses") } })
    }
}

/// How long new clients waited for their answer, in ascending order.
private func probe(_ port: Int, times: Int) throws -> [Duration] {
    try (0..<times).map { _ in
        try ContinuousClock().measure {
            let client = try RawClient(port: port)
            client.send(get)
            #expect(client.response()?.text == "hello")
        }
    }.sorted()
}

/// Keep-alive connections held by another process: the descriptors of one would not suffice for both ends.
private final class Crowd {
    private let process = Process()
    private let input = Pipe(), output = Pipe()

    init(_ count: Int, port: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", """
            for ((i = 0; i < \(count); i++)); do
                exec {fd}<>/dev/tcp/127.0.0.1/\(port) || exit 1
                printf 'GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n' >&$fd
            done
            read -r -u $fd line
            echo "$line"
            read -r line
            """]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Waits until all are connected and the last one is answered.
    var isReady: Bool { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).contains("200 OK") }

    func leave() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { if process.isRunning { process.terminate() } }
}

/// Takes every descriptor that the process may have, until ``end()``.
private final class Hunger {
    private var taken: [Int32] = []
    private var limit = rlimit()

    init() {
        getrlimit(Self.kind, &limit)
        taken = (0..<32).map { _ in dup(0) }
        var lowered = limit
        lowered.rlim_cur = rlim_t(taken.max()!) + 1
        setrlimit(Self.kind, &lowered)
        while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
    }

    func end() {
        setrlimit(Self.kind, &limit)
        for descriptor in taken { close(descriptor) }
        taken = []
    }

    deinit { end() }

    #if os(Linux)
    private static let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let kind = RLIMIT_NOFILE
    #endif
}
