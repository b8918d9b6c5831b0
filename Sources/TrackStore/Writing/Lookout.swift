import Foundation

/// Whether it pays to stay awake for what comes next, and doing so.
///
/// Waking a thread on an idle core takes as long as a small commit. A program that sends its next row as soon as the last is answered
/// would pay that at each row; so whoever waited only a moment the last time looks out for a moment the next time, giving way to any
/// other thread, and sleeps only then. While nothing comes, nothing is spent.
struct Lookout {
    /// Longer waits are not worth staying awake for.
    private static let patience = Duration.microseconds(120)
    private var pays = false
    private var began: ContinuousClock.Instant?

    /// Begins a wait: returns when there is something, or when it is time to sleep.
    mutating func watch(_ hasCome: () -> Bool) {
        let start = ContinuousClock.now
        began = start
        guard pays else { return }
        while !hasCome(), ContinuousClock.now - start < Self.patience { sched_yield() }
    }

    /// The wait is over, with or without sleep.
    mutating func ended() {
        if let began { pays = ContinuousClock.now - began < Self.patience }
        began = nil
    }
}
