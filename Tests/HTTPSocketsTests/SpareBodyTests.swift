import Synchronization
import Testing
@testable import HTTPSockets

@Suite("Memory of large bodies") struct SpareBodyTests {
    @Test("serves the next body, and no byte of one is ever seen in another") func noLeaks() async throws {
        let kept = Mutex<[[UInt8]]>([])
        var routes = echoRoutes()
        routes.post("/keep", bodyLimit: .max) { request in
            var body = try await request.body.collect()
            kept.withLock { $0.append(body) }
            body[0] &+= 1
            return .bytes(body)
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            for (value, size) in [(1, 1_000_000), (2, 300_000), (3, 2_000_000), (4, 131_072), (5, 1_000_000), (6, 5_000_000)] {
                for path in ["/keep", "/echo"] {
                    let body = [UInt8](repeating: UInt8(value), count: size)
                    client.send("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
                    client.send(body)
                    let answer = client.response()?.body
                    #expect(answer?.count == size && answer?.dropFirst().allSatisfy { $0 == UInt8(value) } == true, "\(path) \(size)")
                    #expect(answer?.first == UInt8(value) + (path == "/keep" ? 1 : 0))
                }
            }
        }
        let sizes = kept.withLock { bodies in bodies.enumerated().map { index, body in body.allSatisfy { $0 == UInt8(index + 1) } ? body.count : 0 } }
        #expect(sizes == [1_000_000, 300_000, 2_000_000, 131_072, 1_000_000, 5_000_000], "what a handler has kept stays as it was")
    }

    @Test("a body that ends too early leaves nothing for the next one to see") func cut() async throws {
        try await withServer { port in
            for round in 0..<3 {
                let cut = try RawClient(port: port)
                cut.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
                cut.send([UInt8](repeating: 9, count: 500_000))
                cut.endSending()
                #expect(cut.response()?.status == 400)
                let client = try RawClient(port: port)
                client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
                client.send([UInt8](repeating: UInt8(round), count: 1_000_000))
                #expect(client.response()?.body == [UInt8](repeating: UInt8(round), count: 1_000_000))
            }
        }
    }

    @Test("is bounded, and given back after a moment without use") func bounded() {
        var spare = SpareBodies()
        let large = [UInt8](repeating: 0, count: SpareBodies.largest)
        for _ in 0..<10 { spare.keep(large, now: 0) }
        spare.keep([UInt8](repeating: 0, count: SpareBodies.smallest - 1), now: 0)
        spare.keep([UInt8](repeating: 0, count: SpareBodies.largest + 1), now: 0)

        #expect(spare.take(for: nil).isEmpty && spare.take(for: 1000).isEmpty, "small bodies and chunks need none")
        let taken = (0..<10).filter { _ in !spare.take(for: 1 << 20).isEmpty }.count
        #expect(taken == 4 && spare.isEmpty, "16 MB are the most")

        spare.keep(large, now: 0)
        spare.expire(now: SpareBodies.lifetime - 1)
        #expect(!spare.isEmpty)
        spare.expire(now: SpareBodies.lifetime)
        #expect(spare.isEmpty && spare.take(for: 1 << 20).isEmpty)
    }
}
