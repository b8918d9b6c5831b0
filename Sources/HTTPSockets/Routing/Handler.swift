/// Answers a request. It runs on the event loop's thread: it may suspend as it likes, but must not block
/// (see ``RouteExecution``).
public typealias Handler = @Sendable (Request) async throws -> Response

/// Stands around handlers: may answer itself, change the request, or change the answer of the next in line.
public typealias Middleware = @Sendable (Request, Handler) async throws -> Response

/// Where a handler runs.
public enum RouteExecution: Sendable {
    /// On the thread of the connection's event loop: no switch of threads, so best for handlers that finish within about a
    /// millisecond or wait for others. Actors that such a handler calls run there too.
    case eventLoop
    /// On Swift's pool of threads: for handlers that compute for long or call blocking functions; about 10 µs more.
    case threadPool
}
