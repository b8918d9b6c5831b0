import HTTPSockets
import TrackModel

/// Browsers sign in with a key and go on with a cookie that scripts cannot read.
struct SessionRoutes {
    let gatekeeper: Gatekeeper
    let pathPrefix: String

    func register(on api: inout API) {
        api.add(.init(method: .post, path: "/api/v1/session", tag: "session", about: "Signs a browser in with a key.", scope: nil,
                      body: .json(SignIn.self), answers: [.json(200, SessionState.self, "Signed in; the cookie is set.")],
                      refusals: [.unauthorized, .rateLimited]), takes: SignIn.self, use: signIn)
        api.add(.init(method: .get, path: "/api/v1/session", tag: "session", about: "Tells whether a key is needed, and who is signed in.", scope: nil,
                      answers: [.json(200, SessionState.self, "The state.")]), use: state)
        api.add(.init(method: .delete, path: "/api/v1/session", tag: "session", about: "Signs out.", scope: nil,
                      answers: [.empty(204, "Signed out.")]), use: signOut)
    }

    /// `POST /session {"key"}`. Throws `unauthorized`, `rate_limited`.
    func signIn(_ call: Call, _ body: SignIn) async throws -> Response {
        let (token, record) = try await gatekeeper.signIn(key: body.key, from: call.request.peer)
        let state = SessionState(authRequired: true, signedIn: true, scope: record.scope, csrfToken: gatekeeper.sessions.csrfToken(for: token))
        let seconds = max(0, (gatekeeper.sessions.expiry(of: token) - now()) / 1_000)
        return try answer(state, cookie: cookie(token, seconds: seconds, call), call)
    }

    /// `GET /session`
    func state(_ call: Call) async throws -> Response {
        let required = try await gatekeeper.requiresKey()
        var state = SessionState(authRequired: required, signedIn: call.access.scope != nil, scope: call.access.scope)
        if case .session(_, let token) = call.access { state.csrfToken = gatekeeper.sessions.csrfToken(for: token) }
        return try answer(state, cookie: nil, call)
    }

    /// `DELETE /session`
    func signOut(_ call: Call) async throws -> Response {
        Response(status: .noContent, headers: ["Set-Cookie": cookie("", seconds: 0, call), "Cache-Control": "no-store"], body: .empty)
    }

    private func answer(_ state: SessionState, cookie: String?, _ call: Call) throws -> Response {
        var headers: Headers = ["Content-Type": JSONCoding.contentType, "Cache-Control": "no-store"]
        if let cookie { headers["Set-Cookie"] = cookie }
        return Response(status: .ok, headers: headers, body: .bytes(try JSONCoding.encode(state)))
    }

    private func cookie(_ token: String, seconds: Int64, _ call: Call) -> String {
        let secure = call.request.scheme == "https" ? "; Secure" : ""
        return "\(Credentials.cookieName)=\(token); Path=\(pathPrefix.isEmpty ? "/" : pathPrefix); Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
    }
}

struct SignIn: Codable, Sendable { var key: String }

/// What a browser needs to know of itself.
struct SessionState: Codable, Sendable {
    /// Whether requests need a key or a session.
    var authRequired: Bool
    var signedIn: Bool
    var scope: KeyScope?
    /// To be sent as `X-CSRF-Token` with changing requests of this session.
    var csrfToken: String?
}
