import Synchronization

/// Sends events to many listeners.
///
/// Each listener has a bounded queue. One that falls behind loses the queue and gets a single `resync` event instead: it
/// should fetch the present state and listen on. A client that reconnects with `Last-Event-ID` is sent what it missed, as
/// long as the hub's ring still has it, and else a `resync`.
public final class EventHub: Sendable {
    /// The event that tells a listener to fetch the present state.
    public static let resync = ServerSentEvent(event: "resync", data: "{}")

    struct Entry: Sendable {
        let event: ServerSentEvent
        let bytes: [UInt8]
    }

    private struct State {
        var nextID: UInt64 = 1
        var ring: [Entry] = []
        var ringStart = 0
        var listeners: [ObjectIdentifier: EventListener] = [:]
        var isClosed = false
    }

    private let replay: Int
    private let listenerBuffer: Int
    /// Ids carry the hub's birth, so that an id from before a restart is not mistaken for one of ours.
    private let epoch: String
    private let state = Mutex(State())

    /// - Parameter replay: Events kept for clients that reconnect.
    /// - Parameter listenerBuffer: Events that may wait for one listener.
    public init(replay: Int = 1024, listenerBuffer: Int = 256) {
        precondition(replay >= 0 && listenerBuffer > 0, "EventHub: replay \(replay) or listenerBuffer \(listenerBuffer) is too small")
        self.replay = replay
        self.listenerBuffer = listenerBuffer
        epoch = String(UInt32.random(in: 1...UInt32.max), radix: 36)
    }

    public var listenerCount: Int { state.withLock { $0.listeners.count } }

    /// Sends an event to all listeners whose filter takes it; returns at once.
    ///
    /// The hub numbers events; an `id` of its own is replaced.
    /// - Complexity: O(listeners); the event is turned into bytes once.
    public func publish(_ event: ServerSentEvent) {
        let wakes = state.withLock { state -> [EventListener] in
            guard !state.isClosed else { return [] }
            var numbered = event
            numbered.id = "\(epoch)-\(state.nextID)"
            state.nextID += 1
            let entry = Entry(event: numbered, bytes: numbered.bytes)
            keep(entry, &state)
            return state.listeners.values.filter { $0.offer(entry) }
        }
        for listener in wakes { listener.wake() }
    }

    /// A stream for one response.
    /// - Parameter lastEventID: The request's `Last-Event-ID`.
    /// - Parameter filter: Which events this listener gets; called under the hub's lock, so it must be quick.
    public func stream(
        lastEventID: String? = nil, where filter: @escaping @Sendable (ServerSentEvent) -> Bool = { _ in true }
    ) -> EventStream {
        EventStream(source: .hub(self, lastEventID: lastEventID, filter: filter))
    }

    /// Ends all streams and takes no more listeners.
    public func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.end() }
    }

    func attach(_ listener: EventListener, lastEventID: String?) {
        let isClosed = state.withLock { state in
            if state.isClosed { return true }
            if let lastEventID { replayMissed(since: lastEventID, to: listener, state) }
            state.listeners[ObjectIdentifier(listener)] = listener
            return false
        }
        if isClosed { listener.end() } else { listener.wake() }
    }

    func detach(_ listener: EventListener) {
        _ = state.withLock { $0.listeners.removeValue(forKey: ObjectIdentifier(listener)) }
    }

    func makeListener(_ filter: @escaping @Sendable (ServerSentEvent) -> Bool, onWake: @escaping @Sendable () -> Void) -> EventListener {
        EventListener(limit: listenerBuffer, filter: filter, onWake: onWake)
    }

    private func keep(_ entry: Entry, _ state: inout State) {
        guard replay > 0 else { return }
        if state.ring.count < replay {
            state.ring.append(entry)
        } else {
            state.ring[state.ringStart] = entry
            state.ringStart = (state.ringStart + 1) % replay
        }
    }

    private func replayMissed(since lastEventID: String, to listener: EventListener, _ state: State) {
        let parts = lastEventID.split(separator: "-")
        let oldest = state.nextID - UInt64(state.ring.count)
        guard parts.count == 2, parts[0] == epoch, let last = UInt64(parts[1]), last < state.nextID, last + 1 >= oldest else {
            listener.fallBehind()
            return
        }
        for offset in Int(last + 1 - oldest)..<state.ring.count {
            _ = listener.offer(state.ring[(state.ringStart + offset) % state.ring.count])
        }
    }
}
