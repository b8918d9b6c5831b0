/// Who is at the other end of a connection, and whom to believe about it.
final class ClientAddress: Sendable {
    let socketPeer: String
    private let isLocal: Bool
    private let proxies: ProxyTrust
    let pathPrefix: String

    /// - Parameter peer: A numeric address, or `unix`.
    init(peer: String, proxies: ProxyTrust = ProxyTrust([]), pathPrefix: String = "") {
        socketPeer = peer
        isLocal = peer == "unix" || IPAddress(peer)?.isLoopback == true
        self.proxies = proxies
        self.pathPrefix = pathPrefix
    }

    private var isTrusted: Bool { !proxies.isEmpty && proxies.trusts(socketPeer) }

    /// The address nearest to us that is not a trusted proxy: everything further left can be invented by the client.
    func peer(_ headers: Headers) -> String {
        guard isTrusted else { return socketPeer }
        let chain = headers.list("x-forwarded-for")
        return chain.last { !proxies.trusts($0) } ?? chain.first ?? socketPeer
    }

    /// Behind a proxy that nobody declared, a remote client would look local; so any forwarding header says “not local”.
    func isLoopback(_ headers: Headers) -> Bool {
        guard isLocal else { return false }
        if isTrusted, headers["x-forwarded-for"] != nil { return IPAddress(peer(headers))?.isLoopback == true }
        return !headers.areForwarded
    }

    func scheme(_ headers: Headers) -> String {
        guard isTrusted, let last = headers.list("x-forwarded-proto").last else { return "http" }
        return last.lowercased() == "https" ? "https" : "http"
    }

    func host(_ headers: Headers, authority: String?) -> String? {
        if isTrusted, let last = headers.list("x-forwarded-host").last { return last }
        return authority ?? headers["host"]
    }

    /// The path's range without the prefix; unchanged if the path does not begin with it.
    func withoutPrefix(_ path: Range<Int>, of head: RequestHead) -> Range<Int> {
        let count = pathPrefix.utf8.count
        guard count > 0, path.count >= count, head.part(path).starts(with: pathPrefix.utf8),
              path.count == count || head.part(path)[count] == Byte.slash else { return path }
        // "/track" itself is the root: its slash is borrowed from the prefix.
        return path.count == count ? path.lowerBound..<path.lowerBound + 1 : path.lowerBound + count..<path.upperBound
    }
}
