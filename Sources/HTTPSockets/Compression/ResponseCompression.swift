/// Decides which answers are sent as gzip.
enum ResponseCompression {
    /// Below, the headers and the work cost more than the bytes saved.
    static let minimumBytes = 1024
    /// Above, compressing would hold up the event loop, so it is done elsewhere.
    static let offLoopBytes = 16 * 1024

    /// Tells caches that the answer depends on what the client accepts, whether or not this one is compressed.
    static func varying(_ response: Response) -> Response {
        guard let type = response.headers["content-type"], isCompressible(type), response.headers["vary"] == nil else { return response }
        var response = response
        response.headers.add("Vary", "Accept-Encoding")
        return response
    }

    static func applies(to response: Response, request: Request, bytes: [UInt8]) -> Bool {
        bytes.count >= minimumBytes && bytes.count < 1 << 30 && applies(to: response, request: request)
    }

    private static func applies(to response: Response, request: Request) -> Bool {
        guard response.status.allowsBody, response.status != .partialContent,
              response.headers["content-encoding"] == nil, response.headers["content-range"] == nil,
              let type = response.headers["content-type"], isCompressible(type) else { return false }
        return accepts(request.headers["accept-encoding"])
    }

    /// The answer compressed, or as it was if that saves nothing.
    static func compressed(_ response: Response, bytes: [UInt8]) -> Response {
        guard let smaller = Gzip.compress(bytes), smaller.count < bytes.count else { return response }
        var response = marked(response)
        response.body = .bytes(smaller)
        return response
    }

    /// The stream compressed as it is written; one with a Content-Length has promised its bytes and stays as it is.
    static func compressed(
        _ response: Response, stream write: @escaping @Sendable (ResponseWriter) async throws -> Void, for request: Request
    ) -> Response {
        guard response.headers["content-length"] == nil, applies(to: response, request: request) else { return response }
        var response = marked(response)
        response.body = .stream { writer in
            guard let gzip = GzipStream() else { throw HTTPError.invalidResponse("there is no memory to compress it") }
            try await write(ResponseWriter { try await writer.write(await gzip.part($0)) })
            try await writer.write(gzip.end())
        }
        return response
    }

    private static func marked(_ response: Response) -> Response {
        var response = response
        response.headers["Content-Encoding"] = "gzip"
        // The bytes differ from the plain ones, so a strong tag would lie; caches compare weakly (RFC 9110 §8.8.1).
        if let tag = response.headers["etag"], !tag.hasPrefix("W/") { response.headers["ETag"] = "W/" + tag }
        return response
    }

    /// Whether `Accept-Encoding` lets us send gzip: named, or `*`, with a weight above 0.
    static func accepts(_ header: String?) -> Bool {
        var anyCoding = false
        for part in (header ?? "").lowercased().split(separator: ",") {
            let words = part.split(separator: ";").map { String($0.filter { $0 != " " && $0 != "\t" }) }
            let isRefused = words.dropFirst().contains { $0.hasPrefix("q=") && (Double($0.dropFirst(2)) ?? 0) <= 0 }
            if words.first == "gzip" { return !isRefused }
            if words.first == "*" { anyCoding = !isRefused }
        }
        return anyCoding
    }

    static func isCompressible(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.lowercased()
        return type.hasPrefix("text/") && type != "text/event-stream" || type.hasSuffix("json") || type.hasSuffix("xml")
            || ["application/javascript", "application/wasm", "image/svg+xml"].contains(type)
    }
}
