/// A stream of server-sent events as a response's body.
///
/// The server adds the headers, a comment whenever the stream is silent for ``Timeouts/heartbeat``, and ends the stream
/// when the client leaves or the server drains.
public struct EventStream: Sendable {
    enum Source: Sendable {
        case hub(EventHub, lastEventID: String?, filter: @Sendable (ServerSentEvent) -> Bool)
        case writer(@Sendable (EventWriter) async throws -> Void)
    }
    let source: Source

    init(source: Source) { self.source = source }

    /// - Parameter write: Sends events; the stream ends when it returns.
    public init(_ write: @escaping @Sendable (EventWriter) async throws -> Void) { source = .writer(write) }

    /// The events of a sequence, as it gives them.
    public init<Events: AsyncSequence & Sendable>(_ events: Events) where Events.Element == ServerSentEvent {
        self.init { writer in
            for try await event in events { try await writer.send(event) }
        }
    }
}

/// Sends events to one client; suspends while the client is behind.
public struct EventWriter: Sendable {
    let writer: ResponseWriter

    public func send(_ event: ServerSentEvent) async throws { try await writer.write(event.bytes) }
}
