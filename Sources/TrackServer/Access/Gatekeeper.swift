import Foundation
import HTTPSockets
import Synchronization
import TrackModel
import TrackStore

/// Decides who may do what: bearer keys, browser sessions, or everybody on a loopback server without keys.
final class Gatekeeper: Sendable {
    let keys: KeyCache
    let sessions: SessionTokens
    /// A server on loopback may stand open until its first key is made; any other never.
    private let opensWithoutKeys: Bool
    /// Whoever reaches this door may do everything: it is the control socket, and the file system guards it.
    private let isControl: Bool
    private let failures: Mutex<FailureLimiter>
    /// Seconds since 1970.
    private let clock: @Sendable () -> Double

    init(store: any Store, secret: [UInt8], opensWithoutKeys: Bool, limiter: FailureLimiter = FailureLimiter(),
         clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }) {
        sessions = SessionTokens(secret: secret)
        failures = Mutex(limiter)
        (self.opensWithoutKeys, isControl, self.clock) = (opensWithoutKeys, false, clock)
        keys = KeyCache(store: store)
    }

    /// The door of the control socket, which shares what is known of keys with the front door.
    init(controlBeside door: Gatekeeper) {
        (keys, sessions, clock) = (door.keys, door.sessions, door.clock)
        failures = Mutex(FailureLimiter())
        (opensWithoutKeys, isControl) = (false, true)
    }

    /// Whether callers need a key now.
    func requiresKey() async throws -> Bool {
        if !opensWithoutKeys { return true }
        return try await keys.hasKeys(at: clock())
    }

    /// Lets a request in for `scope` (`nil`: everybody), or throws `unauthorized`, `forbidden` or `rate_limited`.
    func admit(_ request: Request, for scope: KeyScope?) async throws -> Access {
        if isControl { return .open }
        guard try await requiresKey() else {
            try OriginRules.checkOpen(request)
            return .open
        }
        let access = try await identify(request, optional: scope == nil)
        guard let scope else { return access }
        guard let held = access.scope else { throw Self.unauthorized("This server needs a key.") }
        guard held >= scope else {
            throw APIError(.forbidden, "This needs the scope \"\(scope.rawValue)\"; the key has \"\(held.rawValue)\". Use a key with more, or ask an admin for one.",
                           details: ["needed": .string(scope.rawValue), "given": .string(held.rawValue)])
        }
        return access
    }

    /// Whether a request may in for `scope`, as far as it can be told without waiting. `false` says nothing: ``admit(_:for:)`` decides then.
    func admitsAtOnce(_ request: Request, for scope: KeyScope) -> Bool {
        if isControl { return true }
        let now = clock()
        if opensWithoutKeys, let hasKeys = keys.knownToHaveKeys(at: now), !hasKeys { return (try? OriginRules.checkOpen(request)) != nil }
        guard case .key(let key) = Credentials(request), let record = keys.knownRecord(for: key, at: now) else { return false }
        return record.scope >= scope && failures.withLock({ $0.wait(for: request.peer, at: now) }) == nil
    }

    /// What the page that is sent for `request` may be told of its reader.
    func pageSession(_ request: Request) async -> PageSession {
        switch try? await admit(request, for: .read) {
        case .open, .key: .open
        case .session(_, let token): .signedIn(csrfToken: sessions.csrfToken(for: token))
        case .anonymous, nil: .unknown
        }
    }

    /// Signs a browser in.
    /// - Returns: The cookie's token and the record of the key.
    func signIn(key: String, from peer: String) async throws -> (token: String, record: KeyRecord) {
        let record = try await verify(key, from: peer)
        let now = Int64(clock() * 1_000)
        let expiry = min(record.expiresAt ?? .max, now + SessionTokens.lifetime)
        return (sessions.make(keyID: record.id, expiresAt: expiry), record)
    }

    private func identify(_ request: Request, optional: Bool) async throws -> Access {
        switch Credentials(request) {
        case .none: return .anonymous
        case .unreadable where optional: return .anonymous
        case .unreadable(let scheme):
            throw Self.unauthorized("The Authorization field's scheme is \"\(scheme)\".")
        case .key(let key):
            do { return .key(try await verify(key, from: request.peer)) } catch let error as APIError where optional && error.code == .unauthorized { return .anonymous }
        case .cookie(let token):
            let now = clock()
            guard let id = sessions.keyID(of: token, at: Int64(now * 1_000)), let record = try await keys.record(id: id, at: now) else {
                if optional { return .anonymous }
                throw Self.unauthorized("The session has ended.")
            }
            if !optional { try OriginRules.checkSession(request, token: token, sessions: sessions) }
            return .session(record, token: token)
        }
    }

    private func verify(_ key: String, from peer: String) async throws -> KeyRecord {
        let now = clock()
        if let wait = failures.withLock({ $0.wait(for: peer, at: now) }) {
            let seconds = max(1, Int(wait.rounded(.up)))
            throw APIError(.rateLimited, "Too many wrong keys came from this address. Try again in \(seconds) s.",
                           details: ["retryAfter": .integer(Int64(seconds))], retryAfter: seconds)
        }
        if let record = try await keys.record(for: key, at: now) { return record }
        failures.withLock { $0.recordFailure(of: peer, at: now) }
        throw Self.unauthorized("The key is not valid: it is mistyped, revoked or expired.")
    }

    private static func unauthorized(_ what: String) -> APIError {
        APIError(.unauthorized, what + " Send \"Authorization: Bearer trk-…\"; `track key create` makes a key.")
    }
}
