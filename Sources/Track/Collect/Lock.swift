import Foundation

/// A mutual exclusion that survives `fork()`: whoever locked it before the fork may unlock it in the child, as POSIX has it.
/// (`Synchronization.Mutex` keeps the id of its thread, which the child does not share.)
final class Lock: @unchecked Sendable {      // the mutex is the system's; the pointer never changes
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        #if os(Linux)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)      // a wall clock that is set back must not make anybody wait
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #else
        pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    @inline(__always) func lock() { pthread_mutex_lock(mutex) }
    @inline(__always) func unlock() { pthread_mutex_unlock(mutex) }

    @inline(__always)
    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    func signal() { pthread_cond_broadcast(condition) }

    /// Waits for a signal, at most `duration`. The lock must be held; on the library's own threads somebody else may have held it between
    /// the signal and the return, so look again at what was waited for.
    func wait(atMost duration: Duration) {
        let isOurs = ForkGate.leave()
        waitForSignal(atMost: duration)
        guard isOurs else { return }
        unlock()            // whoever forks has closed the gate and may want this lock
        ForkGate.enter()
        lock()
    }

    private func waitForSignal(atMost duration: Duration) {
        let wait = max(0, min(duration.nanoseconds, 3_600_000_000_000))
        #if os(Linux)
        let ends = monotonic_ns() + wait
        var time = timespec(tv_sec: Int(ends / 1_000_000_000), tv_nsec: Int(ends % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
        #else
        var time = timespec(tv_sec: Int(wait / 1_000_000_000), tv_nsec: Int(wait % 1_000_000_000))
        pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #endif
    }
}

extension Duration {
    /// Whole nanoseconds; durations beyond 292 years are cut to that.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000
    }

    var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

/// Microseconds since 1970.
@inline(__always)
func wallClock_us() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
}

/// Nanoseconds of a clock that never goes back.
@inline(__always)
func monotonic_ns() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}

/// When `limit` will have passed, on the same clock; a limit beyond its end never passes.
func monotonic_ns(after limit: Duration) -> Int64 {
    let ends = monotonic_ns().addingReportingOverflow(max(0, limit.nanoseconds))
    return ends.overflow ? .max : ends.partialValue
}
