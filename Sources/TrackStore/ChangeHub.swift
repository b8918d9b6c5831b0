import Synchronization

/// Hands every committed change to everybody who listens. A listener that falls far behind loses the oldest.
final class ChangeHub: Sendable {
    private struct Listeners {
        var next = 0
        var all: [Int: AsyncStream<StoreChange>.Continuation] = [:]
    }
    private let listeners = Mutex(Listeners())

    var isHeard: Bool { listeners.withLock { !$0.all.isEmpty } }

    func stream() -> AsyncStream<StoreChange> {
        let (stream, continuation) = AsyncStream.makeStream(of: StoreChange.self, bufferingPolicy: .bufferingNewest(10_000))
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.all[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in self?.listeners.withLock { _ = $0.all.removeValue(forKey: number) } }
        return stream
    }

    func send(_ changes: [StoreChange]) {
        if changes.isEmpty { return }
        let heard = listeners.withLock { Array($0.all.values) }
        for listener in heard { for change in changes { listener.yield(change) } }
    }

    func finish() {
        let heard = listeners.withLock { listeners in
            defer { listeners.all = [:] }
            return Array(listeners.all.values)
        }
        for listener in heard { listener.finish() }
    }
}
