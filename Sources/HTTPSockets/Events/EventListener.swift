import Synchronization

/// One listener's bounded queue; filled by the hub, emptied by a connection.
final class EventListener: Sendable {
    private struct State {
        var queue: [[UInt8]] = []
        var isBehind = false
        var isWoken = false
        var hasEnded = false
    }

    private let limit: Int
    private let filter: @Sendable (ServerSentEvent) -> Bool
    private let onWake: @Sendable () -> Void
    private let state = Mutex(State())

    init(limit: Int, filter: @escaping @Sendable (ServerSentEvent) -> Bool, onWake: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.filter = filter
        self.onWake = onWake
    }

    /// - Returns: Whether the connection must be told; it is told once until it empties the queue.
    func offer(_ entry: EventHub.Entry) -> Bool {
        guard filter(entry.event) else { return false }
        return state.withLock { state in
            if state.isBehind {
                // Everything up to the resync is lost already.
            } else if state.queue.count >= limit {
                state.queue = []
                state.isBehind = true
            } else {
                state.queue.append(entry.bytes)
            }
            defer { state.isWoken = true }
            return !state.isWoken
        }
    }

    func fallBehind() {
        state.withLock { state in
            state.queue = []
            state.isBehind = true
        }
    }

    func end() {
        state.withLock { $0.hasEnded = true }
        onWake()
    }

    func wake() { onWake() }

    /// All that waits; afterwards the listener is no longer behind.
    func drain() -> (events: [[UInt8]], hasEnded: Bool) {
        state.withLock { state in
            var events = state.queue
            if state.isBehind { events = [EventHub.resync.bytes] }
            state.queue = []
            state.isBehind = false
            state.isWoken = false
            return (events, state.hasEnded)
        }
    }
}
