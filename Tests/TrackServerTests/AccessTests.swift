import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("Keys") struct AccessTests {
    /// A server with one key of each scope.
    private func withKeys(_ body: (TestServer, [KeyScope: String]) async throws -> Void) async throws {
        try await TestServer.run { server async throws in
            var keys: [KeyScope: String] = [:]
            for scope in KeyScope.allCases { keys[scope] = try await server.store.makeKey(name: scope.rawValue, scope: scope, expiresAt: nil).key }
            try await body(server, keys)
        }
    }

    @Test("are not needed on loopback until there is one") func open() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.client.get("/api/v1/session").json() == ["authRequired": false, "signedIn": true, "scope": "admin"])
            #expect(try await server.client.get("/api/v1/projects").status == 200)

            let made = try await server.client.post("/api/v1/keys", #"{"name":"me","scope":"admin"}"#)

            #expect(made.status == 201)
            let key = try #require(try made.json()["key"]?.stringValue)
            #expect(key.hasPrefix("trk-") && key.utf8.count == 44)
            #expect(try await server.client.get("/api/v1/projects").status == 401)
            #expect(try await server.client.with(key: key).get("/api/v1/projects").status == 200)
            #expect(try await server.client.with(key: key).get("/api/v1/keys").text.contains(key) == false)
        }
    }

    @Test("are refused with words when missing, wrong or of another scheme") func refused() async throws {
        try await withKeys { server, _ async throws in
            let way = #" Send "Authorization: Bearer trk-…"; `track key create` makes a key."#
            for (field, message) in [(nil, "This server needs a key."), ("Bearer trk-wrong", "The key is not valid: it is mistyped, revoked or expired."),
                                     ("Digest x", #"The Authorization field's scheme is "digest"."#)] {
                let client = field.map { server.client.with("Authorization", $0) } ?? server.client

                let answer = try await client.get("/api/v1/projects")

                #expect(answer.status == 401 && answer.refusal?.code == "unauthorized")
                #expect(answer.refusal?.message == message + way)
                #expect(answer.headers["www-authenticate"] == #"Bearer realm="track""#)
            }
        }
    }

    @Test("allow what their scope holds, and no more", arguments: [
        (KeyScope.read, "GET", "/api/v1/projects", 200), (.read, "POST", "/api/v1/projects", 403), (.read, "GET", "/api/v1/keys", 403), (.read, "GET", "/metrics", 200),
        (.write, "GET", "/api/v1/projects", 200), (.write, "POST", "/api/v1/projects", 201), (.write, "GET", "/api/v1/keys", 403), (.write, "DELETE", "/api/v1/projects/p", 403),
        (.admin, "POST", "/api/v1/projects", 201), (.admin, "GET", "/api/v1/keys", 200),
    ]) func scopes(scope: KeyScope, method: String, path: String, status: Int) async throws {
        try await withKeys { server, keys async throws in
            let client = server.client.with(key: keys[scope]!)

            let answer = try await method == "POST" ? client.post(path, #"{"name":"p"}"#) : client.send(method, path)

            #expect(answer.status == status, "\(answer.text)")
            if status == 403 { #expect(answer.refusal?.code == "forbidden" && answer.refusal?.details?["given"] == .string(scope.rawValue)) }
        }
    }

    @Test("may come as a password, as clients of other trackers send them") func basic() async throws {
        try await withKeys { server, keys async throws in
            let field = "Basic " + base64("user:" + keys[.read]!)

            #expect(try await server.client.with("Authorization", field).get("/api/v1/projects").status == 200)
        }
    }

    @Test("end when they are revoked") func revoked() async throws {
        try await withKeys { server, keys async throws in
            let admin = server.client.with(key: keys[.admin]!), reader = server.client.with(key: keys[.read]!)
            #expect(try await reader.get("/api/v1/projects").status == 200)
            let id = try #require(try await server.store.keys().first { $0.scope == .read }?.id)

            #expect(try await admin.send("DELETE", "/api/v1/keys/\(id)").status == 204)

            #expect(try await reader.get("/api/v1/projects").status == 401)
            #expect(try await admin.get("/api/v1/projects").status == 200)
        }
    }

    @Test("cannot be guessed fast: after ten wrong ones the address waits") func limited() async throws {
        try await withKeys { server, keys async throws in
            var answers: [TestResponse] = []
            while answers.last?.status ?? 401 == 401, answers.count < 60 {
                answers.append(try await server.client.with(key: "trk-\(answers.count)").get("/api/v1/projects"))
            }

            let answer = try #require(answers.last)
            #expect(answers.count > 10 && answer.status == 429 && answer.refusal?.code == "rate_limited")
            #expect(answer.headers["retry-after"].flatMap { Int($0) }.map { (1...6).contains($0) } == true)
            #expect(try await server.client.get("/healthz").status == 200)
        }
    }

    @Test("are needed from the start when the server does not stand open") func closed() async throws {
        var options = ServerOptions()
        options.opensWithoutKeys = false
        try await TestServer.run(options: options) { server async throws in
            #expect(try await server.client.get("/api/v1/projects").status == 401)
            #expect(try await server.client.get("/api/v1/session").json() == ["authRequired": true, "signedIn": false])
            #expect(try await server.client.get("/api/v1/info").json()["authRequired"] == true)
        }
    }

    @Test("a page elsewhere, a foreign name and a proxy cannot use an open server") func openIsLocal() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.client.with("Host", "evil.example").get("/api/v1/projects").status == 403)
            #expect(try await server.client.with("Origin", "http://evil.example").post("/api/v1/projects", #"{"name":"p"}"#).status == 403)
            #expect(try await server.client.with("X-Forwarded-For", "8.8.8.8").get("/api/v1/projects").status == 401)
            #expect(try await server.store.projects().isEmpty)
        }
    }
}

/// Base64 of a text.
func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: 3).map { start in
        let part = bytes[start..<min(start + 3, bytes.count)]
        let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
        return (0..<4).map { $0 <= part.count ? String(alphabet[word >> (18 - 6 * $0) & 63]) : "=" }.joined()
    }.joined()
}
