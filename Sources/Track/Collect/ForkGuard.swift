import Foundation
import Synchronization

/// What `fork()` must not break: no lock may be held by a thread that the child does not have, and the child must let go of
/// the file locks that say that its parent lives. (What the library's own threads hold of Swift's runtime: ``ForkGate``.)
///
/// `fork()` in a program with threads leaves the child with little that is safe to call; the first `log` in a child makes files and a
/// thread. It works with glibc and Darwin, whose allocators survive a fork; the child should end with `Run.finishAndWait`, as
/// Swift's own concurrency does not run there.
enum ForkGuard {
    /// Counts the forks that lie between the first process and this one: a collector of an older generation belongs to a parent.
    static let generation = Atomic<Int>(0)

    private static let registry = Lock()
    nonisolated(unsafe) private static var locks: [ObjectIdentifier: [Lock]] = [:]       // guarded by `registry`
    nonisolated(unsafe) private static var descriptors: Set<Int32> = []                   // guarded by `registry`
    /// Those that `prepare` has locked, in order.
    nonisolated(unsafe) private static var held: [Lock] = []                             // between prepare and release, on one thread

    private static let installed: Void = {
        pthread_atfork({ ForkGuard.prepare() }, { ForkGuard.release(inChild: false) }, { ForkGuard.release(inChild: true) })
    }()

    /// Holds these locks over each fork.
    static func protect(_ owner: AnyObject, _ locks: [Lock]) {
        _ = installed
        registry.withLock { self.locks[ObjectIdentifier(owner)] = locks }
    }

    static func unprotect(_ owner: AnyObject) { registry.withLock { locks[ObjectIdentifier(owner)] = nil } }
    static func closeInChildren(_ descriptor: Int32) {
        _ = installed
        registry.withLock { _ = descriptors.insert(descriptor) }
    }
    static func forget(_ descriptor: Int32) { registry.withLock { _ = descriptors.remove(descriptor) } }

    private static func prepare() {
        ForkGate.close()
        registry.lock()
        held = locks.values.flatMap { $0 }
        for lock in held { lock.lock() }
    }

    private static func release(inChild: Bool) {
        if inChild {
            generation.wrappingAdd(1, ordering: .relaxed)
            for descriptor in descriptors { close(descriptor) }
            descriptors = []
        }
        for lock in held.reversed() { lock.unlock() }
        held = []
        registry.unlock()
        ForkGate.open(inChild: inChild)
    }
}
