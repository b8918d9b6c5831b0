import Testing
@testable import HTTPSockets

/// Bytes in, status and fate of the connection out.
struct WireCase: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: String
    let status: Int
    let isKept: Bool
    var says = ""

    init(_ name: String, _ bytes: String, _ status: Int, kept: Bool, says: String = "") {
        (self.name, self.bytes, self.status, self.isKept, self.says) = (name, bytes, status, kept, says)
    }

    var testDescription: String { name }

    /// Sends the bytes, and says what differs from what is expected.
    func check(port: Int) throws {
        let client = try RawClient(port: port)
        client.send(bytes)
        let response = client.response()

        #expect(response?.status == status, "\(name): \(response?.head ?? "no answer")")
        #expect(response?.text.contains(says) == true || says.isEmpty, "\(response?.text ?? "")")
        #expect((response?["connection"] == "close") == !isKept || response?.head.contains("keep-alive") == true)
        if isKept {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.response()?.text == "hello")
        } else {
            #expect(client.isClosed())
        }
    }
}

private let long = String(repeating: "a", count: 9_000)

private let refusals: [WireCase] = [
    .init("both lengths", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, kept: false, says: "both"),
    .init("both lengths, other order", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, kept: false, says: "both"),
    .init("two equal lengths", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, kept: false, says: "more than one Content-Length"),
    .init("a list of lengths", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400, kept: false, says: "decimal"),
    .init("a signed length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400, kept: false, says: "decimal"),
    .init("a negative length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc", 400, kept: false),
    .init("a hexadecimal length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc", 400, kept: false),
    .init("an empty length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400, kept: false, says: "empty"),
    .init("a length beyond 64 bits", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413, kept: false),
    .init("a body over the limit", "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world", 413, kept: false, says: "10 bytes"),
    .init("chunks over the limit", "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", 413, kept: false, says: "10 bytes"),
    .init("a bare line feed behind a header", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, kept: false, says: "line feed"),
    .init("bare line feeds only", "GET / HTTP/1.1\nHost: h\n\n", 400, kept: false, says: "line feed"),
    .init("a bare carriage return in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400, kept: false, says: "control"),
    .init("a folded header", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400, kept: false, says: "folded"),
    .init("space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400, kept: false, says: "colon"),
    .init("a header without a colon", "GET / HTTP/1.1\r\nHost: h\r\nNonsense\r\n\r\n", 400, kept: false, says: "colon"),
    .init("an empty header name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400, kept: false),
    .init("a header name with a bracket", "GET / HTTP/1.1\r\nHost: h\r\nX(y: z\r\n\r\n", 400, kept: false),
    .init("NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 400, kept: false, says: "control"),
    .init("NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("no Host", "GET / HTTP/1.1\r\n\r\n", 400, kept: false, says: "no Host"),
    .init("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, kept: false, says: "more than one Host"),
    .init("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, kept: false),
    .init("a Host with user information", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400, kept: false),
    .init("an unknown coding", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, kept: false, says: "gzip"),
    .init("identity as coding", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501, kept: false),
    .init("a coding that looks like chunked", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("chunked twice in a list", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("chunked twice in two headers", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("an empty coding", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a chunk size that is no number", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, kept: false, says: "hexadecimal"),
    .init("a negative chunk size", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400, kept: false),
    .init("a chunk size with 0x", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n", 400, kept: false),
    .init("a chunk size of 16 digits", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1000000000000000\r\n", 400, kept: false),
    .init("a chunk without its end", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n", 400, kept: false, says: "framed"),
    .init("a bare line feed in chunk framing", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400, kept: false),
    .init("an endless chunk extension", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;\(long)\r\na\r\n0\r\n\r\n", 431, kept: false),
    .init("a trailer that is no header", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n", 400, kept: false),
    .init("a long target", "GET /\(long) HTTP/1.1\r\nHost: h\r\n\r\n", 414, kept: false, says: "8192"),
    .init("a long target that never ends", "GET /\(long)", 414, kept: false),
    .init("large headers", "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: \(long)\r\n", count: 4) + "\r\n", 431, kept: false, says: "32768"),
    .init("a header line that never ends", "GET / HTTP/1.1\r\nHost: h\r\nX: \(long)\(long)\(long)\(long)", 431, kept: false),
    .init("too many headers", "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n", 431, kept: false, says: "100"),
    .init("HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, kept: false),
    .init("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, kept: false),
    .init("HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505, kept: false),
    .init("a version in lower case", "GET / http/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP/0.9", "GET /\r\n\r\n", 400, kept: false),
    .init("two spaces in the request line", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a space at the end of the request line", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a leading space", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a TLS hello", "\u{16}\u{3}\u{1}", 400, kept: false, says: "TLS"),
    .init("a target without a slash", "GET target HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("an absolute target of another scheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("an absolute target without a host", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a star for GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501, kept: false),
    .init("an unknown expectation", "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\na", 417, kept: false),
    .init("an unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501, kept: true, says: "BREW"),
    .init("a broken escape in the query", "GET /query?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: true, says: "percent"),
    .init("a broken escape in a path parameter", "GET /runs/%zz/series/a HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: true),
    .init("NUL in a path parameter", "GET /runs/%00/series/a HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: true),
    .init("an unknown path", "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", 404, kept: true, says: "/nothing"),
    .init("a method that the path does not have", "DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n", 405, kept: true, says: "POST, PUT, OPTIONS"),
    .init("an unknown content encoding", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc", 415, kept: true, says: "br"),
    .init("gzip that is none", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400, kept: true, says: "compressed"),
    .init("a line break in a response header", "GET /split HTTP/1.1\r\nHost: h\r\n\r\n", 500, kept: true),
    .init("an error that the handler throws", "GET /throws HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: true, says: "it is wrong"),
]

private let accepted: [WireCase] = [
    .init("the plain case", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "hello"),
    .init("an empty line before the request", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true),
    .init("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200, kept: true),
    .init("a tab and spaces around a value", "GET /host HTTP/1.1\r\nHost:\t h:1 \t\r\n\r\n", 200, kept: true, says: "h:1"),
    .init("names in any case", "POST /echo HTTP/1.1\r\nhOST: h\r\ncOnTeNt-LeNgTh: 3\r\n\r\nabc", 200, kept: true, says: "abc"),
    .init("Connection: close", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 200, kept: false),
    .init("close in a list", "GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n", 200, kept: false),
    .init("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200, kept: false),
    .init("HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, kept: true),
    .init("an absolute target replaces Host", "GET http://other:99/host HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "other:99"),
    .init("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 204, kept: true),
    .init("OPTIONS of a path", "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n", 204, kept: true),
    .init("a body of length 0", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 200, kept: true),
    .init("a POST without a body", "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true),
    .init("chunks, extensions and trailers", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n02\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n", 200, kept: true, says: "abcde"),
    .init("a body that nobody reads", "POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 200, kept: true, says: "not read"),
    .init("chunks that nobody reads", "POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, kept: true),
    .init("a decoded query", "GET /query?a=1%202&b=x+y&a&c=%C3%A9 HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "a=1 2;b=x y;a=;c=é"),
    .init("decoded path parameters", "GET /runs/a%2Fb/series/loss/tr%61in HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "a/b|loss/train"),
    .init("a stream in chunks", "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "part 0\npart 1\npart 2\n"),
    .init("a stream to HTTP/1.0", "GET /stream HTTP/1.0\r\n\r\n", 200, kept: false, says: "part 2"),
    .init("a tag that the client has", "GET /tagged HTTP/1.1\r\nHost: h\r\nIf-None-Match: \"v0\", W/\"v1\"\r\n\r\n", 304, kept: true),
    .init("obsolete bytes in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \u{e9}\r\n\r\n", 200, kept: true),
]

@Suite("Bytes in, bytes out") struct WireTests {
    @Test("answers and closes or keeps the connection", arguments: refusals + accepted)
    func answers(_ wire: WireCase) async throws {
        try await withServer { port in try wire.check(port: port) }
    }

    @Test("HEAD answers the headers of GET, and no body") func head() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")

            #expect(client.response(toHead: true)?["content-length"] == "5")
            #expect(client.response(toHead: true)?.status == 200)
            #expect(client.response()?.text == "hello")
        }
    }

    @Test("no header injected by a handler's value leaves the server") func injection() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("GET /split HTTP/1.1\r\nHost: h\r\n\r\n")

            #expect(client.response()?.head.contains("Injected") == false)
        }
    }

    @Test("a thousand pipelined requests are answered in order") func pipelining() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            let requests = (0..<1000).map { "GET /target?\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined()
            client.send(requests)

            for index in 0..<1000 {
                let text = client.response()?.text
                guard text == "/target?\(index)" else { Issue.record("answer \(index): \(text ?? "none")"); return }
            }
        }
    }

    @Test("every request has an id, the client's own if it is harmless") func ids() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine-1\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: a b\r\n\r\n")
            let ids = (0..<4).map { _ in client.response()?["x-request-id"] ?? "" }

            #expect(ids[0].count == 12 && ids[1].count == 12 && ids[0] != ids[1])
            #expect(ids[2] == "mine-1" && ids[3].count == 12)
        }
    }
}
