/// The table of what the server answers.
///
/// Patterns are paths whose segments may be parameters: `/runs/{run}/batches`, and at the end `/files/{path...}` for all
/// that follows. A literal segment goes before a parameter, a parameter before the rest; a path that lacks the request's
/// method leaves it to the next best that has it.
/// HEAD is answered by the route of GET, OPTIONS and 405 with the methods that there are.
public struct Routes: Sendable {
    struct Entry: Sendable {
        let method: Method
        let pattern: PathPattern
        let bodyLimit: Int?
        let execution: RouteExecution
        let metadata: RouteMetadata?
        let direct: DirectHandler?
        let handler: Handler
    }

    private(set) var entries: [Entry] = []
    private(set) var middleware: [Middleware] = []
    private var prefix = ""

    /// Answers what no route matches; throws ``HTTPError/notFound(path:)`` unless set.
    public var fallback: Handler = { throw HTTPError.notFound(path: $0.path) }

    public init() {}

    /// Adds a route.
    /// - Parameter pattern: Begins with `/`. A pattern that is malformed or given twice is a programming error.
    /// - Parameter bodyLimit: In bytes, after decompression; `nil` takes ``Limits/bodyBytes``, `.max` allows any size.
    /// - Parameter metadata: What the route declares. Parameters and media types that do not fit it are answered 400 and 415
    ///   before the handler runs, so ``Request/integer(_:)`` and its like read values that are right.
    /// - Parameter direct: Looks at each request before the handler, and may answer it without a task.
    public mutating func add(
        _ method: Method, _ pattern: String, bodyLimit: Int? = nil, execution: RouteExecution = .eventLoop,
        metadata: RouteMetadata? = nil, direct: DirectHandler? = nil, _ handler: @escaping Handler
    ) {
        let pattern = PathPattern(prefix + pattern)
        let isTaken = entries.contains { $0.method == method && $0.pattern.shape == pattern.shape }
        precondition(!isTaken, "Routes: \(method) \(pattern.text) is there already")
        entries.append(Entry(method: method, pattern: pattern, bodyLimit: bodyLimit, execution: execution, metadata: metadata,
                             direct: direct, handler: Self.checked(metadata, handler)))
    }

    private static func checked(_ metadata: RouteMetadata?, _ handler: @escaping Handler) -> Handler {
        guard let metadata else { return handler }
        return { request in
            try metadata.check(request)
            return try await handler(request)
        }
    }

    public mutating func get(_ pattern: String, execution: RouteExecution = .eventLoop, metadata: RouteMetadata? = nil, _ handler: @escaping Handler) {
        add(.get, pattern, execution: execution, metadata: metadata, handler)
    }

    public mutating func post(
        _ pattern: String, bodyLimit: Int? = nil, execution: RouteExecution = .eventLoop, metadata: RouteMetadata? = nil, _ handler: @escaping Handler
    ) {
        add(.post, pattern, bodyLimit: bodyLimit, execution: execution, metadata: metadata, handler)
    }

    public mutating func put(
        _ pattern: String, bodyLimit: Int? = nil, execution: RouteExecution = .eventLoop, metadata: RouteMetadata? = nil, _ handler: @escaping Handler
    ) {
        add(.put, pattern, bodyLimit: bodyLimit, execution: execution, metadata: metadata, handler)
    }

    public mutating func patch(
        _ pattern: String, bodyLimit: Int? = nil, execution: RouteExecution = .eventLoop, metadata: RouteMetadata? = nil, _ handler: @escaping Handler
    ) {
        add(.patch, pattern, bodyLimit: bodyLimit, execution: execution, metadata: metadata, handler)
    }

    public mutating func delete(_ pattern: String, execution: RouteExecution = .eventLoop, metadata: RouteMetadata? = nil, _ handler: @escaping Handler) {
        add(.delete, pattern, execution: execution, metadata: metadata, handler)
    }

    /// Puts `middleware` around every route and the fallback; the first one added is the outermost.
    public mutating func use(_ middleware: @escaping Middleware) { self.middleware.append(middleware) }

    /// Adds the routes of `body` under a common prefix.
    public mutating func group(_ prefix: String, _ body: (inout Routes) throws -> Void) rethrows {
        let outer = self.prefix
        self.prefix += prefix
        defer { self.prefix = outer }
        try body(&self)
    }

    /// What there is, in the order it was added: for OpenAPI, help and tests.
    public var all: [RouteDescription] {
        entries.map { RouteDescription(method: $0.method, pattern: $0.pattern.text, bodyLimit: $0.bodyLimit, metadata: $0.metadata) }
    }

    /// Answers a request without a socket, for tests of routes: matching, middleware and errors as the server does them.
    /// - Parameter errorResponse: As in ``ServerConfiguration/errorResponse``.
    public func respond(
        to request: Request,
        errorResponse: @Sendable (any Error, Request?) -> Response = { error, _ in HTTPError.plainResponse(to: error) }
    ) async -> Response {
        var request = request
        do {
            let match = try Router(self).match(&request)
            return try await match.handler(request)
        } catch {
            return errorResponse(error, request)
        }
    }
}

/// One route, as ``Routes/all`` lists it.
public struct RouteDescription: Sendable {
    public let method: Method
    /// As given, with group prefixes: `/api/v1/runs/{run}`.
    public let pattern: String
    public let bodyLimit: Int?
    public let metadata: RouteMetadata?
}
