import HTTPSockets
import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("Browser sessions") struct SessionTests {
    private struct Browser { var client: TestClient; var csrf: String }

    private func signedIn(_ server: TestServer, scope: KeyScope = .admin) async throws -> Browser {
        let key = try await server.store.makeKey(name: "k", scope: scope, expiresAt: nil).key
        let answer = try await server.client.post("/api/v1/session", #"{"key":"\#(key)"}"#)
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.contains("; HttpOnly; SameSite=Strict") && cookie.contains("Path=/;"))
        return Browser(client: server.client.with("Cookie", String(cookie.prefix { $0 != ";" })), csrf: try #require(try answer.json()["csrfToken"]?.stringValue))
    }

    @Test("read with the cookie, and change with the cookie and its token") func session() async throws {
        try await TestServer.run { server async throws in
            let browser = try await signedIn(server)

            #expect(try await browser.client.get("/api/v1/projects").status == 200)
            #expect(try await browser.client.get("/api/v1/session").json()
                == ["authRequired": true, "signedIn": true, "scope": "admin", "csrfToken": .string(browser.csrf)])
            let bare = try await browser.client.post("/api/v1/projects", #"{"name":"p"}"#)
            #expect(bare.status == 403 && bare.refusal?.message == "The field X-CSRF-Token is missing. GET /api/v1/session tells the token.")
            #expect(try await browser.client.with("X-CSRF-Token", "x").post("/api/v1/projects", #"{"name":"p"}"#).status == 403)
            #expect(try await browser.client.with("X-CSRF-Token", browser.csrf).post("/api/v1/projects", #"{"name":"p"}"#).status == 201)
        }
    }

    @Test("are told to the page, with their token") func page() async throws {
        try await TestServer.run { server async throws in
            let door = server.server.gatekeeper, loopback = Request(.get, "/p/vit", headers: ["Host": "127.0.0.1"])
            #expect(await door.pageSession(loopback) == .open)
            let browser = try await signedIn(server)
            door.keys.clear()
            let cookie = try #require(browser.client.headers["Cookie"])

            #expect(await door.pageSession(loopback) == .unknown)
            #expect(await door.pageSession(Request(.get, "/p/vit", headers: ["Host": "127.0.0.1", "Cookie": "track_session=x"])) == .unknown)
            #expect(await door.pageSession(Request(.get, "/p/vit", headers: ["Host": "127.0.0.1", "Cookie": cookie])) == .signedIn(csrfToken: browser.csrf))
        }
    }

    @Test("have the scope of their key, and end with it") func scope() async throws {
        try await TestServer.run { server async throws in
            let browser = try await signedIn(server, scope: .read)
            let client = browser.client.with("X-CSRF-Token", browser.csrf)
            #expect(try await client.post("/api/v1/projects", #"{"name":"p"}"#).status == 403)
            _ = try await server.store.makeKey(name: "other", scope: .admin, expiresAt: nil)

            try await server.store.deleteKey(try await server.store.keys()[0].id)
            server.server.gatekeeper.keys.clear()

            let answer = try await browser.client.get("/api/v1/projects")
            #expect(answer.status == 401)
        }
    }

    @Test("refuse a wrong key, and cannot be forged") func wrong() async throws {
        try await TestServer.run { server async throws in
            _ = try await server.store.makeKey(name: "k", scope: .admin, expiresAt: nil)

            #expect(try await server.client.post("/api/v1/session", #"{"key":"trk-no"}"#).status == 401)
            #expect(try await server.client.with("Cookie", "track_session=azE.99999999999999.x.y").get("/api/v1/projects").status == 401)
        }
    }

    @Test("end when the browser signs out") func signOut() async throws {
        try await TestServer.run { server async throws in
            let browser = try await signedIn(server)

            let answer = try await browser.client.send("DELETE", "/api/v1/session")

            #expect(answer.status == 204)
            #expect(answer.headers["set-cookie"]?.hasPrefix("track_session=; ") == true && answer.headers["set-cookie"]?.contains("Max-Age=0") == true)
        }
    }
}
