/// Counts wrong keys by peer, so that guessing is slow. Pure: the caller passes the time.
///
/// Each peer may fail ``burst`` times at once and then once every ``recovery`` seconds. Bounded: the peers that failed longest ago
/// are forgotten first.
struct FailureLimiter {
    let burst: Int
    /// Seconds in which one failure is forgiven.
    let recovery: Double
    let capacity: Int
    private var peers: [String: (debt: Double, at: Double)] = [:]

    init(burst: Int = 10, recovery: Double = 6, capacity: Int = 4_096) {
        (self.burst, self.recovery, self.capacity) = (burst, recovery, capacity)
    }

    /// Seconds until `peer` may try again; `nil` if it may now.
    func wait(for peer: String, at now: Double) -> Double? {
        let debt = self.debt(of: peer, at: now)
        return debt <= Double(burst - 1) ? nil : (debt - Double(burst - 1)) * recovery
    }

    mutating func recordFailure(of peer: String, at now: Double) {
        if peers[peer] == nil, peers.count >= capacity { forget(at: now) }
        peers[peer] = (debt(of: peer, at: now) + 1, now)
    }

    private func debt(of peer: String, at now: Double) -> Double {
        guard let known = peers[peer] else { return 0 }
        return max(0, known.debt - (now - known.at) / recovery)
    }

    /// Drops who has been forgiven, and if that is nobody, the quarter that failed longest ago.
    private mutating func forget(at now: Double) {
        let forgiven = peers.filter { $0.value.debt <= (now - $0.value.at) / recovery }.keys
        if forgiven.isEmpty {
            peers.sorted { $0.value.at < $1.value.at }.prefix(capacity / 4).forEach { peers[$0.key] = nil }
        } else {
            forgiven.forEach { peers[$0] = nil }
        }
    }
}
