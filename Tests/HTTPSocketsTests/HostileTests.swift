import Testing
@testable import HTTPSockets

private let post = "POST /echo HTTP/1.1\r\nHost: h\r\n"
private let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

/// What two readers of one connection might understand differently; whoever is in front of us must never be able to be led astray.
private let smuggling: [WireCase] = [
    .init("coding with a tab before it", post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 200, kept: true),
    .init("coding with a vertical tab before it", post + "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("coding with a parameter", post + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("coding in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("an empty part before the coding", post + "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", 400, kept: false, says: "empty"),
    .init("an empty part behind the coding", post + "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("chunked, then identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("chunked, then identity in a second header", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 501, kept: false),
    .init("a space before the colon of the coding", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a tab before the colon of the coding", post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("NUL in the coding", post + "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("a carriage return in the coding", post + "Transfer-Encoding: chun\rked\r\n\r\n0\r\n\r\n", 400, kept: false),
    .init("an underscore is another header", post + "Transfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 200, kept: true, says: "abc"),
    .init("both lengths in HTTP/1.0", "POST /echo HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", 400, kept: false, says: "both"),
    .init("different lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, kept: false),
    .init("a list of different lengths", post + "Content-Length: 3, 4\r\n\r\nabcd", 400, kept: false),
    .init("a length with leading zeros is decimal", post + "Content-Length: 0003\r\n\r\nabc", 200, kept: true, says: "abc"),
    .init("a length with a space inside", post + "Content-Length: 1 0\r\n\r\nabc", 400, kept: false),
    .init("a length with a fraction", post + "Content-Length: 3.0\r\n\r\nabc", 400, kept: false),
    .init("a length with an exponent", post + "Content-Length: 1e1\r\n\r\nabc", 400, kept: false),
    .init("a length with an underscore", post + "Content-Length: 1_0\r\n\r\nabc", 400, kept: false),
    .init("a length in other digits", post + "Content-Length: \u{663}\r\n\r\nabc", 400, kept: false),
    .init("a length of 2⁶⁴ + 3", post + "Content-Length: 18446744073709551619\r\n\r\nabc", 413, kept: false),
    .init("a length of 2⁶³ − 1", post + "Content-Length: 9223372036854775807\r\n\r\nabc", 413, kept: false),
    .init("a space before the extension", chunked + "3 ;a\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a space behind the size", chunked + "3 \r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a space before the size", chunked + " 3\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a plus before the size", chunked + "+3\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("no size", chunked + "\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("an underscore in the size", chunked + "1_0\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a size of 18 digits", chunked + "fffffffffffffffff3\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a bare line feed behind the size", chunked + "3\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a bare line feed in an extension", chunked + "3;a\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a bare carriage return in an extension", chunked + "3;a\rb\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("NUL in an extension", chunked + "3;\0\r\nabc\r\n0\r\n\r\n", 400, kept: false),
    .init("a chunk longer than its size", chunked + "3\r\nabcd\r\n0\r\n\r\n", 400, kept: false),
    .init("a chunk shorter than its size", chunked + "5\r\nabc\r\n0\r\n\r\n\r\n", 400, kept: false),
    .init("a bare line feed behind the data", chunked + "3\r\nabc\n0\r\n\r\n", 400, kept: false),
    .init("a bare line feed at the end", chunked + "0\r\n\n", 400, kept: false),
    .init("a folded trailer", chunked + "0\r\nA: b\r\n c\r\n\r\n", 400, kept: false),
    .init("a space before a trailer's colon", chunked + "0\r\nA : b\r\n\r\n", 400, kept: false),
    .init("a trailer cannot change the length", chunked + "3\r\nabc\r\n0\r\nContent-Length: 9\r\nHost: evil\r\n\r\n", 200, kept: true, says: "abc"),
    .init("trailers without end", chunked + "0\r\n" + String(repeating: "A: bbbbbbbbbb\r\n", count: 500) + "\r\n", 431, kept: false),
    .init("extensions that outweigh the data", chunked + String(repeating: "1;\(String(repeating: "x", count: 1000))\r\na\r\n", count: 6) + "0\r\n\r\n", 431, kept: false),
    .init("extensions beside much data", chunked + String(repeating: "3e8;\(String(repeating: "x", count: 900))\r\n\(String(repeating: "a", count: 1000))\r\n", count: 9) + "0\r\n\r\n", 200, kept: true),
]

private let targets: [WireCase] = [
    .init("an absolute target without a path", "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "hello"),
    .init("an absolute target with only a query", "GET http://other?a=b HTTP/1.1\r\nHost: h\r\n\r\n", 200, kept: true, says: "hello"),
    .init("an absolute target needs Host too", "GET http://other/ HTTP/1.1\r\n\r\n", 400, kept: false, says: "no Host"),
    .init("user information in an absolute target", "GET http://u:p@other/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("an authority as target", "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("an empty target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("two slashes are no host", "GET //evil/ HTTP/1.1\r\nHost: h\r\n\r\n", 404, kept: true),
    .init("a backslash in the target", "GET /a\\b HTTP/1.1\r\nHost: h\r\n\r\n", 404, kept: true),
    .init("raw bytes beyond ASCII in the target", "GET /ü HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false, says: "percent-encoded"),
    .init("a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a vertical tab in the request line", "GET /\u{b} HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("DEL in the target", "GET /\u{7f} HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a bracket in the method", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a method in lower case", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501, kept: true),
    .init("TRACE", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, kept: true, says: "GET, HEAD, OPTIONS"),
    .init("HTTP/1.10", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP/3.0", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505, kept: false),
    .init("HTTP/1.1 twice", "GET / HTTP/1.1 HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("HTTP without a slash", "GET / HTTP 1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("two carriage returns", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("a bare line feed before the request", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, kept: false),
    .init("white space before the first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, kept: false),
    .init("a Host with a comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, kept: false),
    .init("a Host with two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400, kept: false),
    .init("a Host whose port is a word", "GET / HTTP/1.1\r\nHost: a:http\r\n\r\n", 400, kept: false),
    .init("a Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, kept: false),
    .init("a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, kept: false),
    .init("an IPv6 Host with a port", "GET /host HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200, kept: true, says: "[::1]:80"),
    .init("a Host with an empty port", "GET / HTTP/1.1\r\nHost: h:\r\n\r\n", 200, kept: true),
    .init("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, kept: false),
    .init("bytes beyond ASCII in a header name", "GET / HTTP/1.1\r\nHost: h\r\nXü: y\r\n\r\n", 400, kept: false),
    .init("a slash in a header name", "GET / HTTP/1.1\r\nHost: h\r\nX/Y: z\r\n\r\n", 400, kept: false),
    .init("DEL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \u{7f}\r\n\r\n", 400, kept: false),
    .init("an escape in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \u{1b}[0m\r\n\r\n", 400, kept: false),
    .init("a header of empty value", "GET / HTTP/1.1\r\nHost: h\r\nX:\r\nY: \r\n\r\n", 200, kept: true),
    .init("an expectation of HTTP/1.0 is no matter", "POST /echo HTTP/1.0\r\nExpect: nonsense\r\nContent-Length: 3\r\n\r\nabc", 200, kept: false, says: "abc"),
    .init("100-continue of HTTP/1.0 gets none", "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", 200, kept: false, says: "abc"),
    .init("100-continue without a body gets none", "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", 200, kept: true, says: "hello"),
    .init("close and keep-alive together close", "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, close\r\n\r\n", 200, kept: false),
    .init("close of HTTP/1.0 wins over keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", 200, kept: false),
    .init("an upgrade is not taken", "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n", 200, kept: true, says: "hello"),
    .init("a body for GET is read away", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /", 200, kept: true, says: "hello"),
    .init("a body for an unknown path is read away", "POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 404, kept: true),
    .init("chunks for an unknown path are read away", "POST /nothing HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 404, kept: true),
    .init("two content encodings", post + "Content-Encoding: gzip, gzip\r\nContent-Length: 3\r\n\r\nabc", 415, kept: true),
    .init("an answer of status 100", "GET /continue HTTP/1.1\r\nHost: h\r\n\r\n", 500, kept: true),
]

@Suite("What attackers send") struct HostileTests {
    @Test("answers and closes or keeps the connection", arguments: smuggling + targets)
    func answers(_ wire: WireCase) async throws {
        var routes = echoRoutes()
        routes.get("/continue") { _ in Response(status: Status(100)) }
        try await withServer(routes: routes) { port in try wire.check(port: port) }
    }

    @Test("a fault behind good requests is answered in its turn, and ends the connection") func pipelinedFault() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /nothing HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost : h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")

            #expect((0..<3).map { _ in client.response()?.status } == [200, 404, 400])
            #expect(client.response() == nil && client.isClosed())
        }
    }

    @Test("a smuggled request behind a refused length is never run") func nothingBehindARefusal() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /target?smuggled HTTP/1.1\r\nHost: h\r\n\r\n")

            #expect(client.response()?.status == 400)
            #expect(client.response() == nil)
        }
    }

    @Test("a path that lacks the method leaves it to the next best route; 405 lists the methods of all") func methods() async throws {
        var routes = Routes()
        routes.get("/runs/latest") { _ in .text("latest") }
        routes.post("/runs/{run}") { .text("run \($0.parameters["run"]!)") }
        routes.put("/runs/{path...}") { .text("rest \($0.parameters["path"]!)") }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            func ask(_ method: String) -> RawResponse? {
                client.send("\(method) /runs/latest HTTP/1.1\r\nHost: h\r\n\r\n")
                return client.response(toHead: method == "HEAD")
            }
            #expect(ask("GET")?.text == "latest" && ask("HEAD")?.status == 200)
            #expect(ask("POST")?.text == "run latest" && ask("PUT")?.text == "rest latest")
            let refused = ask("DELETE")
            #expect(refused?.status == 405 && refused?["allow"] == "GET, POST, PUT, HEAD, OPTIONS")
            #expect(ask("OPTIONS")?["allow"] == "GET, POST, PUT, HEAD, OPTIONS")
        }
    }

    @Test("answers without a body have none, whatever the handler gave") func bodiless() async throws {
        var routes = echoRoutes()
        for (path, status) in [("/204", Status.noContent), ("/304", .notModified)] {
            routes.get(path) { _ in Response(status: status, headers: ["Content-Length": "5"], body: .bytes(Array("wrong".utf8))) }
            routes.get(path + "-stream") { _ in Response(status: status, body: .stream { try await $0.write("wrong") }) }
        }
        try await withServer(routes: routes) { port in
            let client = try RawClient(port: port)
            for path in ["/204", "/304", "/204-stream", "/304-stream"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
                let response = client.response()
                #expect(response?.status == Int(path.dropFirst().prefix(3)))
                #expect(response?["content-length"] == nil && response?["transfer-encoding"] == nil)
                #expect(client.response()?.text == "hello", "\(path)")
            }
            for path in ["/nothing", "/throws", "/stream", "/tagged"] {
                client.send("HEAD \(path) HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(client.response(toHead: true) != nil)
                #expect(client.response()?.text == "hello", "HEAD \(path)")
            }
        }
    }
}
