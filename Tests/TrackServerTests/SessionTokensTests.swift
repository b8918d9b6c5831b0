import Testing
@testable import TrackServer

@Suite("Session tokens") struct SessionTokensTests {
    let tokens = SessionTokens(secret: [UInt8](repeating: 7, count: 32))

    @Test("name their key until they end") func roundTrip() {
        let token = tokens.make(keyID: "k1/ü.x", expiresAt: 1_000)

        #expect(tokens.keyID(of: token, at: 999) == "k1/ü.x")
        #expect(tokens.keyID(of: token, at: 1_000) == nil)
        #expect(tokens.expiry(of: token) == 1_000)
        #expect(token != tokens.make(keyID: "k1/ü.x", expiresAt: 1_000))
    }

    @Test("are refused when any part was changed", arguments: 0..<4) func forged(part: Int) {
        var parts = tokens.make(keyID: "k1", expiresAt: 1_000).split(separator: ".").map(String.init)
        parts[part] = part == 1 ? "9000" : parts[part].first == "A" ? "B" + parts[part].dropFirst() : "A" + parts[part].dropFirst()

        #expect(tokens.keyID(of: parts.joined(separator: "."), at: 0) == nil)
    }

    @Test("of another server, and nonsense, are refused", arguments: ["", ".", "...", "a.b.c.d", "azE.1000..", "🦊.1.2.3"]) func nonsense(text: String) {
        let other = SessionTokens(secret: [UInt8](repeating: 8, count: 32))

        #expect(tokens.keyID(of: text, at: 0) == nil)
        #expect(other.keyID(of: tokens.make(keyID: "k1", expiresAt: 1_000), at: 0) == nil)
    }

    @Test("have a CSRF token each, which fits no other") func csrf() {
        let (mine, yours) = (tokens.make(keyID: "k1", expiresAt: 9), tokens.make(keyID: "k1", expiresAt: 9))

        #expect(tokens.isCSRFToken(tokens.csrfToken(for: mine), for: mine))
        #expect(!tokens.isCSRFToken(tokens.csrfToken(for: yours), for: mine))
        #expect(!tokens.isCSRFToken("", for: mine))
    }
}
