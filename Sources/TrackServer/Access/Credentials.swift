import Foundation
import HTTPSockets

/// What a request shows to be let in.
enum Credentials: Equatable {
    case none
    case key(String)
    case cookie(String)
    /// An `Authorization` field that is neither a bearer key nor a password.
    case unreadable(scheme: String)

    static let cookieName = "track_session"

    /// Reads `Authorization: Bearer KEY`, or `Basic` with the key as password (clients of other trackers do that), or the cookie.
    init(_ request: Request) {
        if let field = request.headers["Authorization"] {
            self = Self.authorization(field)
        } else if let token = Self.cookie(named: Self.cookieName, in: request.headers["Cookie"]) {
            self = .cookie(token)
        } else {
            self = .none
        }
    }

    private static func authorization(_ field: String) -> Credentials {
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let value = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        switch parts.first?.lowercased() {
        case "bearer" where !value.isEmpty: return .key(value)
        case "basic":
            guard let decoded = Data(base64Encoded: value), let text = String(data: decoded, encoding: .utf8),
                  let colon = text.firstIndex(of: ":") else { return .unreadable(scheme: "Basic") }
            return .key(String(text[text.index(after: colon)...]))
        case let scheme: return .unreadable(scheme: scheme.map { String($0.prefix(20)) } ?? "")
        }
    }

    private static func cookie(named name: String, in field: String?) -> String? {
        guard let field else { return nil }
        for pair in field.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name { return String(parts[1]) }
        }
        return nil
    }
}
