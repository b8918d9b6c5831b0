/// What a handler answers.
public struct Response: Sendable {
    public var status: Status
    /// Names and values are checked when they are sent: a line break in a value is answered 500, never sent.
    public var headers: Headers
    public var body: ResponseBody

    public init(status: Status = .ok, headers: Headers = [:], body: ResponseBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func bytes(
        _ bytes: [UInt8], contentType: String = "application/octet-stream", status: Status = .ok, headers: Headers = [:]
    ) -> Response {
        var response = Response(status: status, headers: headers, body: .bytes(bytes))
        response.headers.add("Content-Type", contentType)
        return response
    }

    public static func text(_ text: String, status: Status = .ok, contentType: String = "text/plain; charset=utf-8") -> Response {
        .bytes(Array(text.utf8), contentType: contentType, status: status)
    }

    /// A file with ETag, Last-Modified and ranges; 404 if it is no readable regular file.
    public static func file(_ path: String, contentType: String? = nil, headers: Headers = [:]) -> Response {
        Response(headers: headers, body: .file(path: path, contentType: contentType))
    }

    public static func events(_ stream: EventStream) -> Response { Response(body: .events(stream)) }

    /// A stream of bytes that the handler writes as it goes; chunked, unless `Content-Length` is among `headers`.
    public static func stream(
        contentType: String, headers: Headers = [:], _ write: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) -> Response {
        var response = Response(headers: headers, body: .stream(write))
        response.headers.add("Content-Type", contentType)
        return response
    }

    public static func redirect(to location: String, status: Status = .seeOther) -> Response {
        Response(status: status, headers: ["Location": location])
    }
}

/// The body of a response.
public enum ResponseBody: Sendable {
    case empty
    case bytes([UInt8])
    /// Sent by the kernel, with ETag, Last-Modified, conditions and single ranges; the content type follows the name if `nil`.
    case file(path: String, contentType: String? = nil)
    /// The closure runs in the handler's task; an error before its first byte becomes an error response, later the
    /// connection is cut so that the client sees that something is missing.
    case stream(@Sendable (ResponseWriter) async throws -> Void)
    case events(EventStream)
}

/// Where a streamed response writes; usable from any thread, from one task at a time.
public struct ResponseWriter: Sendable {
    private let sink: @Sendable ([UInt8]) async throws -> Void

    /// - Parameter sink: Takes the bytes, and suspends while too many wait.
    public init(_ sink: @escaping @Sendable ([UInt8]) async throws -> Void) { self.sink = sink }

    /// Sends bytes; suspends while the client is behind.
    /// - Throws: ``HTTPError/connectionClosed`` when the client has gone.
    public func write(_ bytes: [UInt8]) async throws { try await sink(bytes) }

    public func write(_ text: String) async throws { try await sink(Array(text.utf8)) }
}
