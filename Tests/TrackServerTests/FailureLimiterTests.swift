import Testing
@testable import TrackServer

@Suite("Failure limiter") struct FailureLimiterTests {
    @Test("lets a peer fail in a burst, then makes it wait as long as it says") func burst() {
        var limiter = FailureLimiter(burst: 3, recovery: 4)

        for _ in 0..<3 {
            #expect(limiter.wait(for: "a", at: 100) == nil)
            limiter.recordFailure(of: "a", at: 100)
        }

        #expect(limiter.wait(for: "a", at: 100) == 4)
        #expect(limiter.wait(for: "a", at: 102) == 2)
        #expect(limiter.wait(for: "a", at: 104.001) == nil)
        #expect(limiter.wait(for: "b", at: 100) == nil)
    }

    @Test("forgives completely in time") func forgives() {
        var limiter = FailureLimiter(burst: 2, recovery: 1)
        for _ in 0..<2 { limiter.recordFailure(of: "a", at: 0) }

        limiter.recordFailure(of: "a", at: 10)

        #expect(limiter.wait(for: "a", at: 10) == nil)
    }

    @Test("holds no more peers than its capacity, and forgets the forgiven first") func bounded() {
        var limiter = FailureLimiter(burst: 1, recovery: 10, capacity: 8)
        limiter.recordFailure(of: "attacker", at: 100)
        for peer in 0..<7 { limiter.recordFailure(of: "old\(peer)", at: 80) }

        limiter.recordFailure(of: "new", at: 100)

        #expect(limiter.wait(for: "attacker", at: 100) != nil)
        #expect(limiter.wait(for: "new", at: 100) != nil)
        for peer in 0..<10_000 { limiter.recordFailure(of: "\(peer)", at: 200) }
        #expect(limiter.wait(for: "9999", at: 200) != nil)
    }
}
