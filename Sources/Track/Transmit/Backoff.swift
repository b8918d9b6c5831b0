/// Waits that double from a quarter of a second to a minute, each shortened by up to a half at random, so that many clients
/// of one server do not come back at the same moment. Source: Brooker, *Exponential Backoff And Jitter* (2015), "equal jitter".
struct Backoff: Equatable, Sendable {
    private(set) var failures = 0
    private var seed: UInt64
    let shortest: Duration
    let longest: Duration

    init(seed: UInt64, shortest: Duration = .milliseconds(250), longest: Duration = .seconds(60)) {
        (self.seed, self.shortest, self.longest) = (seed, shortest, longest)
    }

    /// The wait after one more failure.
    mutating func next() -> Duration {
        let whole = min(shortest * (1 << min(failures, 16)), longest)
        failures += 1
        return whole * (0.5 + 0.5 * random())
    }

    mutating func succeed() { failures = 0 }

    /// 0 ..< 1. Source: Steele et al., *Fast Splittable Pseudorandom Number Generators* (2014).
    private mutating func random() -> Double {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var bits = seed
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((bits ^ (bits >> 31)) >> 11) * 0x1p-53
    }
}
