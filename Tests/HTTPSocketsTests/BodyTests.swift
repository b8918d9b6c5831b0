import Foundation
import Synchronization
import Testing
@testable import HTTPSockets

@Suite("Bodies") struct BodyTests {
    @Test("100 Continue is sent when the handler asks for the body, and only then") func expectContinue() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.response()?.status == 100)
            client.send("hello")
            #expect(client.response()?.text == "hello")

            client.send("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.response()?.status == 200)
            #expect(client.isClosed())
        }
    }

    @Test("a body that is too large is refused before it is sent") func refusedBeforeSending() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n")

            #expect(client.response()?.status == 413)
            #expect(client.isClosed())
        }
    }

    @Test("a client that sends on after 413 still sees the answer, not a reset") func lingering() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n")
            client.send([UInt8](repeating: 1, count: 3_000_000))

            #expect(client.response()?.status == 413)
        }
    }

    @Test("a client that takes its time to send what was refused still sees the answer") func slowLingering() async throws {
        try await withServer({ $0.timeouts.linger = .seconds(2) }) { port in
            let client = try RawClient(port: port)
            client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
            for _ in 0..<10 {
                client.send([UInt8](repeating: 1, count: 100_000))
                usleep(300_000)
            }

            #expect(client.response()?.status == 413)
        }
    }

    @Test("an endless body that nobody wants is not read for ever") func endlessUnread() async throws {
        try await withServer({ $0.timeouts.linger = .milliseconds(100) }) { port in
            let client = try RawClient(port: port)
            client.send("POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 1, count: 65_536) + [13, 10]
            let end = Date() + 60
            while Date() < end, client.send(chunk) {}

            #expect(Date() < end, "the server still reads after a minute")
        }
    }

    @Test("a gzip body is inflated, in every size and cut", arguments: [0, 1, 1_000, 300_000])
    func gzip(_ size: Int) async throws {
        var generator = SplitMix(state: UInt64(size))
        let plain = (0..<size).map { _ in UInt8.random(in: 0..<16, using: &generator) }
        let compressed = try #require(Gzip.compress(plain))
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: \(compressed.count)\r\n\r\n")
            client.send(compressed)
            #expect(client.response()?.body == plain)

            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in stride(from: 0, to: compressed.count, by: 9_999) {
                let part = compressed[start..<min(compressed.count, start + 9_999)]
                client.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
            }
            client.send("0\r\n\r\n")
            #expect(client.response()?.body == plain)
        }
    }

    @Test("two gzip members are one body; a cut one is refused") func members() async throws {
        let one = try #require(Gzip.compress(Array("one ".utf8))), two = try #require(Gzip.compress(Array("two".utf8)))
        try await withServer { port in
            let client = try RawClient(port: port)
            for (bytes, status, says) in [(one + two, 200, "one two"), (Array(one.dropLast(3)), 400, "too early"), (one + [1, 2, 3], 400, "compressed")] {
                client.send(Array("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
                let response = client.response()
                #expect(response?.status == status)
                #expect(response?.text.contains(says) == true, "\(response?.text ?? "")")
            }
        }
    }

    @Test("a gzip bomb is refused before it unfolds") func bomb() async throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 64 << 20), level: 9))
        try await withServer { port in
            for path in ["/echo", "/count"] {
                let client = try RawClient(port: port)
                client.send(Array("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n".utf8) + bomb)
                #expect(client.response()?.status == 413)
            }
        }
    }

    @Test("answers are compressed for clients that accept it, and say so") func compressedAnswers() async throws {
        var routes = Routes()
        let text = String(repeating: "the same again; ", count: 10_000)
        routes.get("/large") { _ in
            var response = Response.text(text)
            response.headers["ETag"] = "\"a\""
            return response
        }
        routes.get("/tiny") { _ in .text("tiny") }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            client.send("GET /large HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
            let response = try #require(client.response())
            let inflater = BodyInflater(.gzip, InflationPolicy(limit: .max))
            try inflater.take(response.body)
            var plain: [UInt8] = []
            while let more = try inflater.next() { plain += more }

            #expect(response["content-encoding"] == "gzip" && response["vary"] == "Accept-Encoding" && response["etag"] == "W/\"a\"")
            #expect(plain == Array(text.utf8) && response.body.count < 2_000)
            client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\nGET /tiny HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
            #expect(client.response()?.text == text)
            #expect(client.response()?["content-encoding"] == nil)
        }
    }

    @Test("a streamed text is compressed part by part, and each part can be read at once") func compressedStream() async throws {
        let gate = AsyncStream<Void>.makeStream()
        var routes = Routes()
        routes.get("/log") { _ in
            .stream(contentType: "text/plain", headers: ["ETag": "\"a\""]) { writer in
                try await writer.write("first line\n")
                for await _ in gate.stream { break }
                try await writer.write(String(repeating: "the same again\n", count: 10_000))
            }
        }
        routes.get("/image") { _ in .stream(contentType: "image/png") { try await $0.write("no text") } }
        routes.get("/promised") { _ in .stream(contentType: "text/plain", headers: ["Content-Length": "7"]) { try await $0.write("no text") } }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            client.send("GET /log HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n")
            let inflater = BodyInflater(.gzip, InflationPolicy(limit: .max))
            var head: [UInt8] = [], plain: [UInt8] = []
            func read() throws -> Bool {
                guard var more = client.receive(), !more.isEmpty else { return false }
                if head.isEmpty, let end = Data(more).range(of: Data("\r\n\r\n".utf8)) {
                    head = Array(more[..<end.upperBound])
                    more.removeFirst(end.upperBound)
                }
                if !more.isEmpty { try inflater.take(more) }
                while let part = try inflater.next() { plain += part }
                return true
            }
            while plain.count < 11, try read() {}
            #expect(String(decoding: plain, as: UTF8.self) == "first line\n", "the first part came before the second was written")
            gate.continuation.yield()
            while try read() {}
            try inflater.finish()

            #expect(plain.count == 11 + 150_000)
            let text = String(decoding: head, as: UTF8.self)
            #expect(text.contains("Content-Encoding: gzip") && text.contains("Vary: Accept-Encoding") && text.contains("ETag: W/\"a\""))
            for path in ["/image", "/promised"] {
                let other = try RawClient(port: port)
                other.send("GET \(path) HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n")
                let response = other.response()
                #expect(response?.text == "no text" && response?["content-encoding"] == nil, "\(path)")
            }
        }
    }

    @Test("a gigabyte goes up, and one comes down, in constant memory") func gigabyte() async throws {
        let size = 1 << 30
        var routes = echoRoutes()
        routes.get("/download") { _ in
            .stream(contentType: "application/octet-stream") { writer in
                let part = [UInt8](repeating: 7, count: 1 << 20)
                for _ in 0..<(size >> 20) { try await writer.write(part) }
            }
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            let before = residentBytes()
            client.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            let part = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<(size >> 20) { client.send(part) }
            #expect(client.response()?.text == "\(size)")
            let afterUpload = residentBytes()

            client.send("GET /download HTTP/1.0\r\n\r\n")
            var received = 0
            while let more = client.receive(1 << 20), !more.isEmpty { received += more.count }

            #expect(received > size && received < size + 1000)
            // Other tests share the process, so the bound is wide; it is still a quarter of the data.
            #expect(afterUpload - before < 256 << 20, "upload: \(afterUpload - before) bytes")
            #expect(residentBytes() - before < 256 << 20, "download: \(residentBytes() - before) bytes")
        }
    }

    @Test("a slow handler slows its client down") func uploadBackPressure() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let seen = Mutex(0)
        var routes = Routes()
        routes.post("/slow", bodyLimit: .max) { request in
            for await _ in gate.stream { break }
            for try await chunk in request.body { seen.withLock { $0 += chunk.count } }
            return .text("done")
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            Socket.makeNonBlocking(client.descriptor)
            client.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n")
            let part = [UInt8](repeating: 7, count: 1 << 20)
            var accepted = 0, rounds = 0
            while rounds < 20 {
                let count = part.withUnsafeBytes { systemSend(client.descriptor, $0.baseAddress!, part.count, Socket.sendFlags) }
                if count > 0 { accepted += count } else { rounds += 1; usleep(10_000) }
            }
            #expect(accepted < 20_000_000, "the system's buffers and ours took \(accepted) bytes")
            gate.continuation.finish()
        }
    }

    @Test("bodies that are pipelined over several receives are all answered") func pipelinedBodies() async throws {
        var routes = Routes()
        routes.post("/size") { request in
            try await Task.sleep(for: .milliseconds(1))
            return .text("\(try await request.body.collect().count)")
        }
        try await withServer({ $0.timeouts.bodyWindow = .seconds(1) }, routes: routes) { port in
            let client = try RawClient(port: port)
            let one = Array("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 4000\r\n\r\n".utf8) + [UInt8](repeating: 97, count: 4000)
            client.send(Array((0..<100).map { _ in one }.joined()))

            for _ in 0..<100 { #expect(client.response()?.text == "4000") }
        }
    }

    @Test("what arrives while a body is paused does not lose the call to go on") func pausedPush() async throws {
        let calls = Mutex(0)
        let source = BodySource(declaredLength: nil, bufferLimit: 100) { calls.withLock { $0 += 1 } }
        let chunk = [UInt8](repeating: 1, count: 10)
        for index in 0..<10 { #expect(source.push(chunk) == (index < 9)) }

        _ = try await source.next()
        _ = try await source.next()
        #expect(!source.push(chunk), "paused until half is taken")
        for _ in 0..<9 { _ = try await source.next() }

        #expect(calls.withLock { $0 } == 1)
    }

    @Test("an upload in many small chunks to another thread comes to its end") func smallChunks() async throws {
        var routes = Routes()
        routes.post("/count", bodyLimit: .max, execution: .threadPool) { request in
            var count = 0
            for try await chunk in request.body { count += chunk.count }
            return .text("\(count)")
        }
        try await withServer({ $0.limits.bodyBufferBytes = 4096 }, routes: routes) { port in
            let client = try RawClient(port: port)
            client.send("POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunks = Array(String(repeating: "3e8\r\n\(String(repeating: "a", count: 1000))\r\n", count: 100).utf8)
            for _ in 0..<100 { client.send(chunks) }
            client.send("0\r\n\r\n")

            #expect(client.response()?.text == "10000000")
        }
    }

    @Test("a client that never reads costs a bounded buffer and is dropped") func neverReads() async throws {
        let written = Mutex(0), failed = Mutex(false)
        var routes = Routes()
        routes.get("/endless") { _ in
            .stream(contentType: "text/plain") { writer in
                let part = [UInt8](repeating: 7, count: 100_000)
                do {
                    while true {
                        try await writer.write(part)
                        written.withLock { $0 += part.count }
                    }
                } catch {
                    failed.withLock { $0 = true }
                    throw error
                }
            }
        }
        try await withServer({ $0.timeouts.write = .milliseconds(600) }, routes: routes) { port in
            let client = try RawClient(port: port, receiveBuffer: 4096)
            client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            let end = Date() + 60
            while !failed.withLock({ $0 }), Date() < end { usleep(20_000) }

            #expect(failed.withLock { $0 }, "still connected")
            #expect(written.withLock { $0 } < 12_000_000, "\(written.withLock { $0 }) bytes written")
        }
    }
}

/// Memory of this process in RAM.
func residentBytes() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
          let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return 0 }
    return (Int(line.split(separator: " ").dropLast().last ?? "0") ?? Int(line.filter(\.isNumber)) ?? 0) * 1024
}
