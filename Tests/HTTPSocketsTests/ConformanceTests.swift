import Foundation
import Testing
@testable import HTTPSockets

private let post = "POST /echo HTTP/1.1\r\nHost: h\r\n"
private let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
private func get(_ target: String, _ headers: String = "", host: String = "h") -> String {
    "GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(headers)\r\n"
}

/// RFC 9112 §6 and §7: where a message ends.
private let framing: [WireCase] = [
    .init("a length in quotes", post + "Content-Length: \"3\"\r\n\r\nabc", 400, kept: false),
    .init("a length with a parameter", post + "Content-Length: 3;a=b\r\n\r\nabc", 400, kept: false),
    .init("a length with a comma behind it", post + "Content-Length: 3,\r\n\r\nabc", 400, kept: false),
    .init("a length with white space around it", post + "Content-Length: \t 3 \t\r\n\r\nabc", 200, kept: true, says: "abc"),
    .init("a length of white space", post + "Content-Length: \t \r\n\r\n", 400, kept: false, says: "empty"),
    .init("a space before the colon of the length", post + "Content-Length : 3\r\n\r\nabc", 400, kept: false),
    .init("NUL in the name of the length", post + "Content-Length\0: 3\r\n\r\nabc", 400, kept: false),
    .init("a folded length", post + "Content-Length:\r\n 3\r\n\r\nabc", 400, kept: false),
    .init("a length in two headers of other case", post + "content-length: 3\r\nCONTENT-LENGTH: 3\r\n\r\nabc", 400, kept: false),
    .init("a coding with white space around it", post + "Transfer-Encoding: \t chunked \t\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, kept: true, says: "abc"),
    .init("a coding in capitals", post + "TRANSFER-ENCODING: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, kept: true, says: "abc"),
    .init("a second coding that is empty", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a coding of a comma", post + "Transfer-Encoding: ,\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a coding with a semicolon", post + "Transfer-Encoding: chunked;\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("compress and chunked", post + "Transfer-Encoding: compress, chunked\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("TE and Trailer mean nothing here", post + "TE: trailers, chunked\r\nTrailer: X\r\nContent-Length: 3\r\n\r\nabc", 200, kept: true, says: "abc"),
    .init("a size with leading zeros", chunked + "000000000000003\r\nabc\r\n000\r\n\r\n", 200, kept: true, says: "abc"),
    .init("a size with too many leading zeros", chunked + "0000000000000003\r\nabc\r\n0\r\n\r\n", 400, kept: false, says: "15 digits"),
    .init("a size in capitals", chunked + "A\r\n0123456789\r\n0\r\n\r\n", 200, kept: true, says: "0123456789"),
    .init("a size with h behind it", chunked + "3h\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("an extension without a name", chunked + "3;\r\nabc\r\n0;\r\n\r\n", 200, kept: true, says: "abc"),
    .init("a line break in a quoted extension", chunked + "3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a trailer that looks like a framing header", chunked + "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", 200, kept: true, says: "abc"),
    .init("NUL in a trailer", chunked + "0\r\nA: \0\r\n\r\n", 400, kept: false),
    .init("a bare line feed behind a trailer", chunked + "0\r\nA: b\n\r\n", 400, kept: false),
    .init("a bare carriage return behind the size", chunked + "3\rabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a chunked GET", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, kept: true, says: "hello"),
    .init("a body for a method that the path lacks", "DELETE /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 405, kept: true),
    .init("a large body that nobody reads", "POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n", 200, kept: false, says: "not read"),
    .init("a large body for nothing", "POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n", 404, kept: false),
]

/// RFC 9112 §3, RFC 9110 §7.2 and §10.1: the first line, Host, Expect.
private let heads: [WireCase] = [
    .init("a request of another protocol: SSH", "SSH-2.0-OpenSSH_9.6\r\n", 400, kept: false),
    .init("a request of another protocol: SMTP", "EHLO example.org\r\n", 400, kept: false),
    .init("a request of another protocol: PROXY", "PROXY TCP4 192.0.2.1 192.0.2.2 5 80\r\n" + get("/"), 400, kept: false),
    .init("a whole TLS hello", "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}\u{3}", 400, kept: false, says: "TLS"),
    .init("HTTP/01.1", "GET / HTTP/01.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP/1,1", "GET / HTTP/1,1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP/1", "GET / HTTP/1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP/0.9 said aloud", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505, kept: false),
    .init("HTTPS/1.1", "GET / HTTPS/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a carriage return inside the request line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a line feed inside the request line", "GET /\nHTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a method that never ends", String(repeating: "A", count: 10_000), 414, kept: false),
    .init("NUL in the method", "G\0T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a quote in the target", get("/\"a\""), 404, kept: true),
    .init("an absolute target in capitals", get("HTTP://OTHER/host"), 200, kept: true, says: "OTHER"),
    .init("an absolute target of https", get("https://other/host"), 200, kept: true, says: "other"),
    .init("an absolute target with an IPv6 host", get("http://[::1]:80/host"), 200, kept: true, says: "[::1]:80"),
    .init("an absolute target with a port that is none", get("http://other:99999/host"), 400, kept: false),
    .init("an absolute target with a port only", get("http://:80/host"), 400, kept: false),
    .init("an absolute target with an open bracket", get("http://[::1/host"), 400, kept: false),
    .init("a scheme without slashes", get("http:/host"), 400, kept: false),
    .init("a star with more behind it", "OPTIONS *a HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("OPTIONS of an unknown path", "OPTIONS /nothing HTTP/1.1\r\nHost: h\r\n\r\n", 404, kept: true),
    .init("CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n", 501, kept: false),
    .init("a Host of a port only", get("/", host: ":80"), 400, kept: false),
    .init("a Host with a port beyond 65535", get("/", host: "h:65536"), 400, kept: false),
    .init("a Host with the last port", get("/host", host: "h:65535"), 200, kept: true, says: "h:65535"),
    .init("a Host with a negative port", get("/", host: "h:-1"), 400, kept: false),
    .init("a Host with a signed port", get("/", host: "h:+80"), 400, kept: false),
    .init("a Host with empty brackets", get("/", host: "[]:80"), 400, kept: false),
    .init("a Host with text behind the bracket", get("/", host: "[::1]x"), 400, kept: false),
    .init("a Host with a question mark", get("/", host: "h?a"), 400, kept: false),
    .init("a Host with a number sign", get("/", host: "h#a"), 400, kept: false),
    .init("a Host with a scheme", get("/", host: "http://h"), 400, kept: false),
    .init("a Host with bytes beyond ASCII", get("/", host: "hü"), 400, kept: false),
    .init("a Host with NUL", get("/", host: "h\0"), 400, kept: false),
    .init("a Host with an angle bracket", get("/", host: "<h>"), 400, kept: false),
    .init("an empty Host before a full one", "GET / HTTP/1.1\r\nHost:\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a Host with a tab in it", get("/", host: "a\tb"), 400, kept: false),
    .init("a header name of white space", get("/", " : x\r\n"), 400, kept: false),
    .init("a header that begins with a tab", get("/", "\tX: y\r\n"), 400, kept: false),
    .init("a header name with a quote", get("/", "\"X\": y\r\n"), 400, kept: false),
    .init("a header name with NUL", get("/", "X\0: y\r\n"), 400, kept: false),
    .init("a header name with a line feed", get("/", "X\nY: z\r\n"), 400, kept: false),
    .init("a bell in a value", get("/", "X: \u{7}\r\n"), 400, kept: false),
    .init("a form feed in a value", get("/", "X: a\u{c}b\r\n"), 400, kept: false),
    .init("a carriage return before the line's end", get("/", "X: y\r\r\n"), 400, kept: false),
    .init("a colon in a value", get("/", "X: a:b::c\r\n"), 200, kept: true),
    .init("every token character in a name", get("/", "!#$%&'*+-.^_`|~09azAZ: x\r\n"), 200, kept: true),
    .init("ninety-nine more headers", get("/", String(repeating: "X: y\r\n", count: 99)), 200, kept: true),
    .init("a target as long as it may be", get("/" + String(repeating: "a", count: 8191)), 404, kept: true),
    .init("a target one byte longer", get("/" + String(repeating: "a", count: 8192)), 414, kept: false),
    .init("a query one byte too long", get("/target?" + String(repeating: "a", count: 8192 - 7)), 414, kept: false),
    .init("an expectation in other case", post + "Expect: 100-Continue\r\nContent-Length: 0\r\n\r\n", 200, kept: true),
    .init("two expectations in one", post + "Expect: 100-continue, other\r\nContent-Length: 3\r\n\r\nabc", 417, kept: false),
    .init("an empty expectation", post + "Expect:\r\nContent-Length: 3\r\n\r\nabc", 417, kept: false),
    .init("404 instead of 100 Continue", "POST /nothing HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", 404, kept: false),
    .init("405 instead of 100 Continue", "DELETE /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", 405, kept: false),
    .init("413 instead of 100 Continue", "POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n", 413, kept: false),
    .init("an answer that needs no body instead of 100 Continue", "POST /unread HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n", 200, kept: false, says: "not read"),
    .init("an upgrade to WebSocket is not taken", get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"), 200, kept: true, says: "hello"),
    .init("an unknown connection option", get("/", "Connection: X-Y, , \r\n"), 200, kept: true),
    .init("close among repeated headers", get("/", "Connection: keep-alive\r\nConnection: close\r\n"), 200, kept: false),
]

/// RFC 3986 §2.1: percent-encoding in queries and path parameters.
private let escapes: [WireCase] = [
    .init("an escape cut short", get("/query?a=%"), 400, kept: true, says: "percent"),
    .init("an escape of one digit", get("/query?a=%2"), 400, kept: true),
    .init("an escape in a name", get("/query?%g0=a"), 400, kept: true),
    .init("an escaped NUL in the query", get("/query?a=%00"), 400, kept: true),
    .init("an overlong slash", get("/runs/%c0%af/series/a"), 400, kept: true),
    .init("half a surrogate pair", get("/runs/%ed%a0%80/series/a"), 400, kept: true),
    .init("UTF-8 cut short", get("/runs/%c3/series/a"), 400, kept: true),
    .init("beyond Unicode", get("/query?a=%f5%80%80%80"), 400, kept: true),
    .init("an escaped percent sign is decoded once", get("/runs/%2525/series/a"), 200, kept: true, says: "%25|a"),
    .init("a plus in a path stays", get("/runs/a+b/series/c"), 200, kept: true, says: "a+b|c"),
    .init("an escaped line break is data", get("/query?a=%0d%0aX:%20y"), 200, kept: true, says: "a=\r\nX: y"),
    .init("empty parts of a query are none", get("/query?&&a=b&&"), 200, kept: true, says: "a=b"),
    .init("a query of an equals sign", get("/query?=b=c"), 200, kept: true, says: "=b=c"),
    .init("an escaped path is the same path", get("/%71uery?a=b"), 200, kept: true, says: "a=b"),
    .init("an escaped question mark is none", get("/query%3fa=b"), 404, kept: true),
    .init("dots are no way up", get("/runs/../query?a=b"), 404, kept: true),
    .init("an empty parameter", get("/runs//series/a"), 404, kept: true),
]

@Suite("RFC 9110 and 9112, rule by rule") struct ConformanceTests {
    @Test("answers and closes or keeps the connection", arguments: framing + heads + escapes)
    func answers(_ wire: WireCase) async throws {
        try await withServer { port in try wire.check(port: port) }
    }

    @Test("a request that comes byte by byte is answered like one that comes whole") func bytewise() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            for byte in Array((chunked + "3;x\r\nabc\r\n0\r\nT: u\r\n\r\n" + get("/target?a=b")).utf8) { client.send([byte]) }

            #expect(client.response()?.text == "abc")
            #expect(client.response()?.text == "/target?a=b")
        }
    }

    @Test("nothing behind “Connection: close” is answered") func pipelineEnds() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send(get("/target?1") + get("/target?2", "Connection: close\r\n") + get("/target?3"))

            #expect(client.response()?.text == "/target?1" && client.response()?.text == "/target?2")
            #expect(client.response() == nil)
        }
    }

    @Test("bodies and requests may follow each other in one stream of bytes") func mixedPipeline() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            let fixed = post + "Content-Length: 5\r\n\r\nfixed"
            client.send(fixed + chunked + "5\r\nparts\r\n0\r\n\r\n" + get("/") + "POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nGET" + fixed)

            #expect((0..<5).map { _ in client.response()?.text } == ["fixed", "parts", "hello", "not read", "fixed"])
        }
    }

    @Test("a client that has closed its sending side is answered all that it sent before") func halfClosedPipeline() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            // More than one receive takes, so that some of it is still in the socket when the end is known.
            let count = 5000
            let requests = (0..<count).map { get("/target?\($0)") }.joined(), sender = UncheckedBox(client)
            Thread { sender.value.send(requests); sender.value.endSending() }.start()
            for index in 0..<count {
                let text = client.response()?.text
                guard text == "/target?\(index)" else { Issue.record("answer \(index): \(text ?? "none")"); return }
            }
            #expect(client.isClosed())
        }
    }

    @Test("a head that ends with the stream is answered by closing") func cutHead() async throws {
        try await withServer { port in
            for text in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n"] {
                let client = try RawClient(port: port)
                client.send(text)
                client.endSending()
                #expect(client.response() == nil && client.isClosed(), "\(text.debugDescription)")
            }
        }
    }

    @Test("100 Continue comes once, before a body in chunks, and not for a body that is there already") func continues() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send(post + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(client.response()?.status == 100)
            client.send("3\r\nabc\r\n0\r\n\r\n")
            #expect(client.response()?.text == "abc")
            client.send(post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + get("/"))
            var statuses: [Int] = []
            while statuses.count < 3, let response = client.response() {
                statuses.append(response.status)
                if response.text == "hello" { break }
            }
            #expect(statuses.suffix(2) == [200, 200] && statuses.filter { $0 == 100 }.count <= 1, "\(statuses)")
        }
    }

    @Test("every answer says when it was made and which request it is for") func fields() async throws {
        try await withServer { port in
            for request in [get("/"), get("/nothing"), get("/throws"), "GET / HTTP/1.1\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", get("/stream")] {
                let client = try RawClient(port: port)
                client.send(request)
                let response = try #require(client.response(toHead: request.hasPrefix("HEAD")))
                let date = try #require(response["date"].flatMap(HTTPDate.parse))
                #expect(abs(Double(date) - Date().timeIntervalSince1970) < 60)
                #expect(response.head.lowercased().components(separatedBy: "content-length:").count <= 2)
            }
        }
    }

    @Test("a handler cannot break the framing by what it says about it", arguments: [
        ("Content-Length", "5\r\nX-Injected: 1"), ("Content-Length", "+7"), ("Content-Length", "999"), ("Transfer-Encoding", "chunked"),
        ("Transfer-Encoding", "gzip\r\nX-Injected: 1"), ("Connection", "upgrade"), ("Date", "never\r\nX-Injected: 1"),
    ])
    func ownFraming(_ name: String, _ value: String) async throws {
        var routes = echoRoutes()
        routes.get("/own") { _ in Response(headers: Headers([(name, value)]), body: .bytes(Array("own".utf8))) }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            for method in ["GET", "HEAD"] {
                client.send("\(method) /own HTTP/1.1\r\nHost: h\r\n\r\n" + get("/"))
                let response = try #require(client.response(toHead: method == "HEAD"))
                #expect(!response.head.contains("X-Injected") && response["content-length"] == "3", "\(response.head)")
                #expect(client.response()?.text == "hello")
            }
        }
    }

    @Test("what middleware makes of the request's id cannot break the head") func ownID() async throws {
        var routes = echoRoutes()
        routes.use { request, next in
            var request = request
            request.id = "a\r\nX-Injected: 1"
            return try await next(request)
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            client.send(get("/"))
            #expect(client.response()?.head.contains("X-Injected") == false)
        }
    }
}
