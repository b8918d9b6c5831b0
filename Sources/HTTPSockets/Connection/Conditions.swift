/// Conditional requests for answers that carry an ETag (RFC 9110 §13).
enum Conditions {
    /// Turns a 200 to GET or HEAD into 304 if the client has it already, or into 412 if its condition fails.
    static func apply(to response: inout Response, _ request: Request) {
        guard response.status == .ok, request.method == .get || request.isHead, let tag = response.headers["etag"] else { return }
        let outcome = evaluate(tag: tag, modified: response.headers["last-modified"].flatMap(HTTPDate.parse), request)
        guard outcome != .proceed else { return }
        response.status = outcome == .notModified ? .notModified : .preconditionFailed
        response.body = .empty
        if outcome == .notModified { response.headers["Content-Type"] = nil }
    }

    enum Outcome { case proceed, notModified, failed }

    /// In the order of RFC 9110 §13.2.2.
    /// - Parameter modified: Seconds since 1970, or `nil` if not known.
    static func evaluate(tag: String, modified: Int?, _ request: Request) -> Outcome {
        let headers = request.headers
        if headers["if-match"] != nil {
            if !matches(headers.list("if-match"), tag, weakly: false) { return .failed }
        } else if let modified, let date = headers["if-unmodified-since"].flatMap(HTTPDate.parse), modified > date {
            return .failed
        }
        if headers["if-none-match"] != nil {
            return matches(headers.list("if-none-match"), tag, weakly: true) ? .notModified : .proceed
        }
        if let modified, let date = headers["if-modified-since"].flatMap(HTTPDate.parse), modified <= date { return .notModified }
        return .proceed
    }

    static func matches(_ tags: [String], _ tag: String, weakly: Bool) -> Bool {
        func opaque(_ tag: String) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...] }
        return tags.contains { candidate in
            candidate == "*" || (weakly ? opaque(candidate) == opaque(tag) : candidate == tag && !tag.hasPrefix("W/"))
        }
    }
}
