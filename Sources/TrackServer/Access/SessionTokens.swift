import Crypto
import Foundation

/// Signs browsers in without a table: a cookie names a key and an expiry, and carries the server's signature over both.
///
/// Whoever holds the secret can make cookies, so it lives in the data folder, readable by the owner alone. A revoked key ends its sessions,
/// because each request looks the key up again.
struct SessionTokens: Sendable {
    private let secret: SymmetricKey
    /// How long a cookie is good for: 30 days in milliseconds.
    static let lifetime: Int64 = 30 * 86_400_000

    /// - Parameter secret: 32 random bytes.
    init(secret: [UInt8]) { self.secret = SymmetricKey(data: secret) }

    /// A new cookie for the key `id`, good until `expiresAt` (milliseconds since 1970).
    func make(keyID id: String, expiresAt: Int64) -> String {
        let nonce = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let payload = "\(Self.text(Data(id.utf8))).\(expiresAt).\(Self.text(nonce))"
        return payload + "." + signature(of: "session " + payload)
    }

    /// The key a cookie stands for; `nil` if it was not signed here or is past its time.
    func keyID(of token: String, at now: Int64) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let expiresAt = Int64(parts[1]), now < expiresAt, let id = Self.data(parts[0]) else { return nil }
        let payload = parts[0...2].joined(separator: ".")
        return isSignature(parts[3], of: "session " + payload) ? String(data: id, encoding: .utf8) : nil
    }

    /// When a cookie stops being good, for a token that ``keyID(of:at:)`` accepted.
    func expiry(of token: String) -> Int64 { token.split(separator: ".").dropFirst().first.flatMap { Int64($0) } ?? 0 }

    /// The token that changing requests of this session must repeat in `X-CSRF-Token`.
    func csrfToken(for token: String) -> String { signature(of: "csrf " + token) }

    func isCSRFToken(_ given: String, for token: String) -> Bool { isSignature(given[...], of: "csrf " + token) }

    private func signature(of text: String) -> String {
        Self.text(Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: secret)))
    }

    /// Compares in constant time.
    private func isSignature(_ given: Substring, of text: String) -> Bool {
        guard let code = Self.data(given) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(text.utf8), using: secret)
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private static func data(_ text: Substring) -> Data? {
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
