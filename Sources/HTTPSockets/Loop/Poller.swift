/// What happened to a descriptor.
struct PollEvent {
    let token: UInt64
    let isReadable: Bool
    let isWritable: Bool
    /// The peer has closed its sending side; what it sent before can still be read.
    let peerHasEnded: Bool
    /// The connection is broken in both directions.
    let isBroken: Bool
}

/// Readiness of descriptors, edge-triggered: an event says that something changed, and is not repeated.
///
/// Implemented on epoll and on kqueue; used by one thread, but for ``wakeUp()``.
protocol Poller: AnyObject {
    init() throws(SocketError)
    /// Watches both directions of a descriptor; `token` comes back with its events.
    func add(_ descriptor: Int32, token: UInt64) throws(SocketError)
    /// Stops watching; closing a descriptor does so too.
    func remove(_ descriptor: Int32)
    /// Waits for events, or for ``wakeUp()``, at most `milliseconds` (−1: for ever).
    func wait(milliseconds: Int32, _ body: (PollEvent) -> Void)
    /// Ends a wait, from any thread.
    func wakeUp()
}

#if os(Linux)
typealias SystemPoller = EpollPoller
#else
typealias SystemPoller = KqueuePoller
#endif
