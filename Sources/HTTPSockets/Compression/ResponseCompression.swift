/// Decides which answers are sent as gzip.
enum ResponseCompression {
    /// Below, the headers and the work cost more than the bytes saved.
    static let minimumBytes = 1024
    /// Above, compressing would hold up the event loop, so it is done elsewhere.
    static let offLoopBytes = 16 * 1024

    static func applies(to response: Response, request: Request, bytes: [UInt8]) -> Bool {
        guard bytes.count >= minimumBytes, bytes.count < 1 << 30, response.status.allowsBody,
              response.status != .partialContent,
              response.headers["content-encoding"] == nil, response.headers["content-range"] == nil,
              let type = response.headers["content-type"], isCompressible(type) else { return false }
        return accepts(request.headers["accept-encoding"])
    }

    /// The answer compressed, or as it was if that saves nothing.
    static func compressed(_ response: Response, bytes: [UInt8]) -> Response {
        guard let smaller = Gzip.compress(bytes), smaller.count < bytes.count else { return response }
        var response = response
        response.body = .bytes(smaller)
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
