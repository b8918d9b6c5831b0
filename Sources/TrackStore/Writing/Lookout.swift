import Foundation

/// Whether it pays to stay awake for what comes next, and doing so.
///
/// Waking a thread on an idle core takes as long as a small commit. A program that sends its next row as soon as the last is answered
/// would pay that at each row; so whoever waited only a moment the last time looks out for a moment the next time, giving way to any
/// other thread, and sleeps only then. Where one comes so soon after the other many times over, idle processors are kept awake too, for the disk's
/// sake. While nothing comes, nothing is spent.
struct Lookout: ~Copyable {
    /// Longer waits are not worth staying awake for.
    private static let patience = Duration.microseconds(120)
    /// So many short waits in a row, and it is likely to go on.
    static let many = 32
    private static let looks = 500

    /// Short waits since the last long one.
    private var row = 0
    private var began: ContinuousClock.Instant?
    private var processors: IdleProcessors?

    /// - Parameter processors: Those that the disk wakes, if it is waited for.
    init(_ processors: consuming IdleProcessors?) { self.processors = processors }

    /// Begins a wait: returns when there is something, or when it is time to ``sleep()``.
    mutating func watch(from start: ContinuousClock.Instant = .now, _ hasCome: () -> Bool) {
        began = start
        guard row > 0 else { return }
        if row >= Self.many { processors?.keepAwake() }
        while !look(hasCome), ContinuousClock.now - start < Self.patience { sched_yield() }
    }

    /// Looks for about as long as giving way to others takes: what comes meanwhile is then seen at once half of the time.
    private func look(_ hasCome: () -> Bool) -> Bool {
        for _ in 0..<Self.looks where hasCome() { return true }
        return false
    }

    /// Somebody else looks out.
    mutating func keepAwake() { processors?.keepAwake() }

    /// Nothing came, or so much that nobody looks out for it.
    mutating func sleep() { processors?.letSleep() }

    /// The wait is over, with or without sleep.
    mutating func ended(at end: ContinuousClock.Instant = .now) {
        if let began { row = end - began < Self.patience ? row + 1 : 0 }
        began = nil
    }
}
