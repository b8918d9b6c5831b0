import Foundation

/// Runs work on a thread of its own that takes no signals.
/// - Parameter stack: Bytes of its stack.
@discardableResult
func inBackground(_ name: String, stack: Int = 1 << 20, _ work: @escaping @Sendable () -> Void) -> Thread {
    let thread = Thread {
        blockSignals()
        work()
    }
    thread.name = name
    thread.stackSize = stack
    thread.start()
    return thread
}

/// Signals are for the program's own threads; SIGPIPE of a broken connection must not end it.
func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}
