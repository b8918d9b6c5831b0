/// What the server accepts before it refuses; every bound has a name, a default and a reason.
public struct Limits: Sendable, Equatable {
    /// Bytes of a request's line and headers together; more is answered 431. At most 65 535.
    public var headBytes = 32_768 {
        didSet { precondition((256...65_535).contains(headBytes), "headBytes: \(headBytes) is not between 256 and 65535") }
    }
    /// Bytes of a request's target; more is answered 414.
    public var targetBytes = 8_192
    /// Header fields of a request; more is answered 431.
    public var headerFields = 100
    /// Bytes of a request's body, after decompression, where the route says nothing; more is answered 413.
    public var bodyBytes = 32 * 1024 * 1024
    /// Bodies up to this size are read before the handler starts, so that small requests never suspend.
    public var eagerBodyBytes = 64 * 1024
    /// Bytes of a streamed request body that wait for the handler before reading pauses.
    public var bodyBufferBytes = 256 * 1024
    /// Bytes of extensions in one chunk's line, and of trailers; more is answered 431.
    public var chunkOverheadBytes = 4_096
    /// Bytes of a gzip body for each byte sent, judged once 4 MiB have come out; more is answered 413.
    public var inflationRatio = 250
    /// Bytes of a response that wait for the client before the handler's `write` suspends.
    public var responseBufferBytes = 256 * 1024
    /// Bytes of an unread body that are read away to keep the connection; above, it is closed.
    public var discardedBodyBytes = 256 * 1024
    /// Open connections; one more is answered 503 and closed. Lowered at start to what the descriptor limit allows.
    public var connections = 10_000

    public init() {}
}

/// How long the server waits before it gives up on a client.
public struct Timeouts: Sendable, Equatable {
    /// From the first byte of a request to the end of its headers; then 408.
    public var head: Duration = .seconds(10)
    /// Between requests; then the connection is closed without a word.
    public var idle: Duration = .seconds(75)
    /// The window over which a body's rate is judged.
    public var bodyWindow: Duration = .seconds(10)
    /// Bytes of a body that must arrive each second, on average over ``bodyWindow``, while the handler is ready; else 408.
    public var minimumBodyRate = 500
    /// How long a client may take no byte of a waiting response; then the connection is closed.
    public var write: Duration = .seconds(30)
    /// How long a closing connection is read, so that the client sees the answer instead of a reset.
    public var linger: Duration = .seconds(2)
    /// How often a silent stream of events gets a comment.
    public var heartbeat: Duration = .seconds(15)

    public init() {}
}
