import Foundation

/// Keeps the library's own threads still while somebody calls `fork()`.
///
/// Swift's runtime guards its tables of types with locks. One that another thread holds at the moment of the fork is locked for ever in the
/// child, which has no such thread. So our threads work inside a gate, and wait for time, locks and sockets outside of it; a fork closes the
/// gate and waits until nobody is inside.
enum ForkGate {
    /// Not held over the fork; each child gets a new one, as nobody can tell what the parent's other threads did with the old.
    nonisolated(unsafe) private static var lock = Lock()
    nonisolated(unsafe) private static var threadsInside = 0        // guarded by `lock`
    nonisolated(unsafe) private static var isClosed = false         // guarded by `lock`
    /// What the gate is to the present thread: nothing, unless it is one of ours.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()
    private static var insideMark: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }
    private static var outsideMark: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 2) }
    /// A fork that waits longer goes ahead: somebody inside waits for something that we do not know of.
    private static let patience_ns: Int64 = 1_000_000_000

    /// Whether the present thread is one of the library's own.
    static var isOwnThread: Bool { pthread_getspecific(key) != nil }
    private static var isInside: Bool { pthread_getspecific(key) == insideMark }

    /// Counts a thread that is about to be made, so that no fork can come between.
    static func expectThread() { lock.withLock { threadsInside += 1 } }

    /// The whole life of a thread that was expected.
    static func runThread(_ work: () -> Void) {
        pthread_setspecific(key, insideMark)
        work()
        leave()
    }

    /// Waits for something on a thread of ours; elsewhere it is only called.
    static func outside<Result>(_ wait: () throws -> Result) rethrows -> Result {
        let wasInside = leave()
        defer { if wasInside { enter() } }
        return try wait()
    }

    /// Works for a moment in the midst of ``outside(_:)``.
    static func inside<Result>(_ work: () throws -> Result) rethrows -> Result {
        guard pthread_getspecific(key) == outsideMark else { return try work() }
        enter()
        defer { leave() }
        return try work()
    }

    /// - Returns: Whether the thread is one of ours and was inside.
    @discardableResult
    static func leave() -> Bool {
        guard isInside else { return false }
        lock.withLock {
            threadsInside -= 1
            if isClosed { lock.signal() }
        }
        pthread_setspecific(key, outsideMark)
        return true
    }

    static func enter() {
        lock.withLock {
            while isClosed { lock.wait(atMost: .seconds(1)) }
            threadsInside += 1
        }
        pthread_setspecific(key, insideMark)
    }

    // MARK: Around a fork, on the thread that forks

    static func close() {
        let own = isInside ? 1 : 0, ends = monotonic_ns() + patience_ns
        lock.withLock {
            isClosed = true
            while threadsInside > own, monotonic_ns() < ends { lock.wait(atMost: .milliseconds(10)) }
        }
    }

    static func open(inChild: Bool) {
        if inChild {
            _ = Unmanaged.passRetained(lock)        // never destroyed: threads that are not here wait for it
            lock = Lock()
            threadsInside = isInside ? 1 : 0
        }
        lock.withLock {
            isClosed = false
            lock.signal()
        }
    }
}
