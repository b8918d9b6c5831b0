#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Nanoseconds of the monotonic clock.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflowed ? .max / 4 : min(.max / 4, product &+ attoseconds / 1_000_000_000)
    }
}

final class ThreadStart {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// Signals are for the program's other threads; writing to a broken connection must be an error, not `SIGPIPE`.
func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, signal) }
    pthread_sigmask(SIG_BLOCK, &all, nil)
}

/// Lets one thread wait for another.
final class DispatchlessSemaphore: @unchecked Sendable {     // guarded by its mutex
    private var mutex = pthread_mutex_t()
    private var condition = pthread_cond_t()
    private var isSignalled = false

    init() {
        pthread_mutex_init(&mutex, nil)
        pthread_cond_init(&condition, nil)
    }

    func signal() {
        pthread_mutex_lock(&mutex)
        isSignalled = true
        pthread_cond_signal(&condition)
        pthread_mutex_unlock(&mutex)
    }

    func wait() {
        pthread_mutex_lock(&mutex)
        while !isSignalled { pthread_cond_wait(&condition, &mutex) }
        pthread_mutex_unlock(&mutex)
    }
}

// pthread_t is a number on Linux and an optional pointer on Apple's systems; so is the argument of a thread.
#if canImport(Glibc)
extension pthread_t { static var placeholder: pthread_t { 0 } }
extension Optional<UnsafeMutableRawPointer> { var nonOptional: UnsafeMutableRawPointer { self! } }
#else
extension Optional<pthread_t> { static var placeholder: pthread_t? { nil } }
extension UnsafeMutableRawPointer { var nonOptional: UnsafeMutableRawPointer { self } }
#endif
