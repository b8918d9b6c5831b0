/// What may stand in `TRACK_URL`.
enum ServerAddress {
    /// Whether the text has the scheme, the host and the port of a server. O(characters); `URLComponents` would load the tables of all the
    /// world's scripts for that, which cost every program more than a megabyte.
    static func isPossible(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix), !text.contains(where: { $0.isWhitespace || $0 == "\\" }) else { return false }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority      // behind NAME:PASSWORD@
        guard place.first == "[" else { return isHost(place.prefix { $0 != ":" }) && isPort(place.drop { $0 != ":" }) }
        guard let end = place.firstIndex(of: "]") else { return false }
        return isSixthVersion(place[..<end].dropFirst()) && isPort(place[end...].dropFirst())
    }

    private static func isHost(_ text: Substring) -> Bool { !text.isEmpty && !text.contains { "[]<>\"{}|^`".contains($0) } }
    private static func isSixthVersion(_ text: Substring) -> Bool { text.contains(":") && text.allSatisfy { $0.isLetter || $0.isNumber || ":.%-_".contains($0) } }
    private static func isPort(_ text: Substring) -> Bool { text.isEmpty || text == ":" || text.first == ":" && text.dropFirst().allSatisfy(\.isNumber) && UInt16(text.dropFirst()) != nil }
}
