import Testing
@testable import HTTPSockets

@Suite("Heads that come again") struct RepeatedHeadTests {
    /// The heads of all requests in `text`, which is given to the parser in pieces of `size` bytes.
    private func heads(_ text: String, inPiecesOf size: Int = .max) throws -> [RequestHead] {
        var parser = RequestParser(limits: Limits()), heads: [RequestHead] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(size, bytes.count)) {
            try bytes[start..<min(start + min(size, bytes.count), bytes.count)].withUnsafeBufferPointer { piece in
                var offset = 0
                reading: while true {
                    switch try parser.next(piece, &offset) {
                    case .needsMore: break reading
                    case .head(let head): heads.append(head)
                    case .body, .end: continue
                    }
                }
            }
        }
        return heads
    }

    private func post(_ body: String, to path: String = "/a", _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("say what stands in a field, letter for letter") func says() throws {
        let received = Headers(try #require(try heads(post("abc", to: "/a", "X-Mark: One\r\nX-Mark: two\r\n")).first))
        for headers in [received, ["X-Mark": "One", "x-mark": "two"]] {
            #expect(headers.says("x-mark", "One"))
            for other in ["one", "On", "One ", "two", ""] { #expect(!headers.says("x-mark", other)) }
            #expect(!headers.says("X-Marks", "One"))
        }
    }

    @Test("are read once, whatever their bodies") func once() throws {
        let heads = try heads(post("abc") + post("def") + post("ghi"))
        #expect(heads.count == 3 && heads[1] === heads[0] && heads[2] === heads[0])
    }

    @Test("and differ in one byte are read anew") func others() throws {
        let heads = try heads(post("abc") + post("defg") + post("defg", to: "/b") + post("defg", to: "/a"))
        #expect(heads.map { $0.text($0.facts.path) } == ["/a", "/a", "/b", "/a"])
        #expect(heads.map(\.facts.framing) == [.length(3), .length(4), .length(4), .length(4)])
        #expect(Set(heads.map(ObjectIdentifier.init)).count == 4)
    }

    @Test("and are long, or come in pieces, are read each time, and rightly") func pieces() throws {
        let long = try heads(post("abc", to: "/a", "X-Long: \(String(repeating: "x", count: 2_000))\r\n") + post("abc", to: "/a", "X-Long: \(String(repeating: "x", count: 2_000))\r\n"))
        #expect(long.count == 2 && long[0] !== long[1])

        for size in 1...70 {
            let heads = try heads(post("abc") + post("abc") + post("abcd"), inPiecesOf: size)
            #expect(heads.map(\.facts.framing) == [.length(3), .length(3), .length(4)])
        }
    }

    @Test("find the same route with the same parameters, and each its own id") func route() async throws {
        var routes = Routes()
        routes.add(.post, "/runs/{run}") { request in
            .text("\(request.parameters["run"] ?? "-") \(request.route ?? "-") \(request.query["q"] ?? "-") \(try await request.body.collect().count)")
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            client.send(post("a", to: "/runs/x%20y") + post("b", to: "/runs/x%20y") + post("c", to: "/runs/z?q=%31") + post("d", to: "/runs/z?q=%31") + post("e", to: "/no"))
            let answers = (0..<5).map { _ in client.response() }
            #expect(answers[..<4].map { $0?.text } == ["x y /runs/{run} - 1", "x y /runs/{run} - 1", "z /runs/{run} 1 1", "z /runs/{run} 1 1"])
            #expect(answers[4]?.status == 404)
            #expect(Set(answers.compactMap { $0?["x-request-id"] }).count == 5)
        }
    }
}
