import HTTPSockets
import TrackModel

/// What keeps a foreign web page from using a visitor's browser against this server.
enum OriginRules {
    /// An open server answers to loopback names only (a foreign name that resolves to 127.0.0.1 is an attack), and lets pages of other
    /// origins change nothing.
    static func checkOpen(_ request: Request) throws(APIError) {
        guard request.isLoopback else {
            throw APIError(.unauthorized, "This server has no keys, so it serves only programs on its own machine, and this request came through a proxy. Make a key with `track key create`, and send \"Authorization: Bearer trk-…\".")
        }
        let host = request.host ?? ""
        guard isUsual(host) || host.isEmpty || isLoopback(hostName(of: host)) else {
            throw APIError(.forbidden, "This server has no keys, so it answers only as localhost, not as \"\(host.prefix(100))\". Make a key with `track key create`, and send it.")
        }
        if changes(request), let origin = request.headers["Origin"], hostName(ofOrigin: origin).map({ !isLoopback($0) }) ?? true {
            throw APIError(.forbidden, "A page of \(origin.prefix(100)) may change nothing here. Send the request from a program, or make a key with `track key create`.")
        }
    }

    /// A session's changing requests repeat the token that only our own pages can read.
    static func checkSession(_ request: Request, token: String, sessions: SessionTokens) throws(APIError) {
        guard changes(request) else { return }
        guard let given = request.headers["X-CSRF-Token"] else {
            throw APIError(.forbidden, "The field X-CSRF-Token is missing. GET /api/v1/session tells the token.")
        }
        guard sessions.isCSRFToken(given, for: token) else {
            throw APIError(.forbidden, "The field X-CSRF-Token does not belong to this session. GET /api/v1/session tells the token.")
        }
    }

    private static func changes(_ request: Request) -> Bool {
        request.method != .get && request.method != .head && request.method != .options
    }

    /// The name in `name:port` or `[address]:port`.
    static func hostName(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// The name in `http://name:port`; `nil` for `null` and the like.
    private static func hostName(ofOrigin origin: String) -> String? {
        guard let separator = origin.range(of: "://") else { return nil }
        return hostName(of: String(origin[separator.upperBound...]))
    }

    /// The two names that nearly every request has, told without taking them apart.
    private static func isUsual(_ host: String) -> Bool {
        for name in ["127.0.0.1", "localhost"] where host.utf8.starts(with: name.utf8) {
            let rest = host.utf8.dropFirst(name.utf8.count)
            return rest.isEmpty || rest.first == UInt8(ascii: ":")
        }
        return false
    }

    static func isLoopback(_ name: String) -> Bool {
        let name = name.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && parts.allSatisfy { $0 != nil }
    }
}
