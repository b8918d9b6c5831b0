import Foundation

/// Runs work on a thread of its own that takes no signals.
/// - Parameter stack: Bytes of its stack.
@discardableResult
func inBackground(_ name: String, stack: Int = 1 << 20, _ work: @escaping @Sendable () -> Void) -> Thread {
    ForkGate.expectThread()
    let thread = Thread {
        blockSignals()
        ForkGate.runThread(work)
    }
    thread.name = name
    thread.stackSize = stack
    thread.start()
    return thread
}

/// Waits, without keeping a thread of Swift's concurrency, until the work is done on a thread of its own.
func onThread<Result: Sendable>(_ name: String, stack: Int = 512 << 10, _ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        inBackground(name, stack: stack) { continuation.resume(returning: work()) }
    }
}

/// Something that comes once, and may be waited for.
final class Milestone: @unchecked Sendable {        // `lock` guards the variable
    private let lock = Lock()
    private var hasCome = false

    var isReached: Bool { lock.withLock { hasCome } }

    func reach() {
        lock.withLock {
            hasCome = true
            lock.signal()
        }
    }

    func wait(atMost limit: Duration) {
        let ends = monotonic_ns(after: limit)
        lock.withLock { while !hasCome, monotonic_ns() < ends { lock.wait(atMost: .nanoseconds(ends - monotonic_ns())) } }
    }
}

/// Lets the present thread rest.
func pause(_ duration: Duration) { ForkGate.outside { Thread.sleep(forTimeInterval: duration.inSeconds) } }

/// Signals are for the program's own threads; SIGPIPE of a broken connection must not end it.
func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}
