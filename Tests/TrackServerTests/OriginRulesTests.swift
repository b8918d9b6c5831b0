import HTTPSockets
import Testing
@testable import TrackServer

@Suite("Origin rules of an open server") struct OriginRulesTests {
    @Test("tell loopback names from others", arguments: [
        ("localhost", true), ("LOCALHOST", true), ("a.localhost", true), ("127.0.0.1", true), ("127.8.9.1", true), ("::1", true),
        ("localhost.evil.com", false), ("127.0.0.1.evil.com", false), ("128.0.0.1", false), ("0.0.0.0", false), ("", false), ("evil", false), ("127.0.0", false),
    ]) func loopback(name: String, expected: Bool) {
        #expect(OriginRules.isLoopback(name) == expected)
    }

    @Test("read the name of an authority", arguments: [("a:80", "a"), ("a", "a"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("", "")])
    func names(authority: String, expected: String) {
        #expect(OriginRules.hostName(of: authority) == expected)
    }

    @Test("refuse a foreign name, a foreign page that changes something, and a proxied request", arguments: [
        (Method.get, ["Host": "evil.com"], ErrorCode.forbidden), (.post, ["Host": "localhost", "Origin": "http://evil.com"], .forbidden),
        (.delete, ["Host": "localhost", "Origin": "null"], .forbidden), (.get, ["Host": "localhost", "X-Forwarded-For": "1.2.3.4"], .unauthorized),
    ]) func refused(method: Method, fields: [String: String], code: ErrorCode) {
        let request = Request(method, "/", headers: Headers(fields.map { (name: $0.key, value: $0.value) }))

        let error = #expect(throws: APIError.self) { try OriginRules.checkOpen(request) }

        #expect(error?.code == code)
    }

    @Test("let programs and our own pages in", arguments: [
        (Method.post, ["Host": "127.0.0.1:8080"]), (.post, ["Host": "localhost:1", "Origin": "http://localhost:1"]),
        (.get, ["Host": "[::1]:80", "Origin": "http://evil.com"]), (.post, [:]),
    ]) func admitted(method: Method, fields: [String: String]) throws {
        try OriginRules.checkOpen(Request(method, "/", headers: Headers(fields.map { (name: $0.key, value: $0.value) })))
    }
}
