/// The proxies whose word about the client is taken.
struct ProxyTrust: Sendable {
    private var networks: [(address: IPAddress, bits: Int)] = []
    private var trustsLoopback = false
    private var trustsUnix = false

    /// - Parameter entries: Addresses, networks in CIDR form, `loopback`, `unix`.
    init(_ entries: [String]) {
        for entry in entries {
            switch entry {
            case "loopback": trustsLoopback = true
            case "unix": trustsUnix = true
            default:
                let parts = entry.split(separator: "/", maxSplits: 1)
                guard let address = parts.first.flatMap({ IPAddress(String($0)) }),
                      let bits = parts.count == 2 ? Int(parts[1]) : address.bytes.count * 8,
                      (0...address.bytes.count * 8).contains(bits) else {
                    preconditionFailure("trustedProxies: “\(entry)” is no address, no network such as 10.0.0.0/8, not “loopback” and not “unix”")
                }
                networks.append((address, bits))
            }
        }
    }

    var isEmpty: Bool { networks.isEmpty && !trustsLoopback && !trustsUnix }

    func trusts(_ peer: String) -> Bool {
        if peer == "unix" { return trustsUnix }
        guard let address = IPAddress(peer) else { return false }
        return trustsLoopback && address.isLoopback || networks.contains { address.isInside($0.address, bits: $0.bits) }
    }
}
