/// The storage behind ``Request``: one object, so that a request is one pointer to copy.
///
/// `@unchecked Sendable`: ``Request`` changes it only while it holds the only reference.
final class RequestBox: @unchecked Sendable {
    let head: RequestHead?
    var method: Method
    var target: String?
    var path: String?
    /// Where the path stands in the head, without the configured prefix.
    var rawPath: Range<Int>?
    var query: Query?
    var headers: Headers
    var parameters: Parameters = [:]
    var givenID: String?
    var number: UInt64 = 0
    var client: ClientAddress
    var body: RequestBody
    var context: [String: String] = [:]
    var route: String?

    init(head: RequestHead, method: Method, client: ClientAddress, body: RequestBody, number: UInt64) {
        self.head = head
        self.method = method
        self.client = client
        self.body = body
        self.number = number
        headers = Headers(head)
        rawPath = client.withoutPrefix(head.facts.path, of: head)
    }

    init(method: Method, target: String, headers: Headers, body: RequestBody, peer: String) {
        head = nil
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        client = ClientAddress(peer: peer)
        number = RequestID.next()
    }

    init(copying other: RequestBox) {
        head = other.head
        method = other.method
        target = other.target
        path = other.path
        rawPath = other.rawPath
        query = other.query
        headers = other.headers
        parameters = other.parameters
        givenID = other.givenID
        number = other.number
        client = other.client
        body = other.body
        context = other.context
        route = other.route
    }

    var id: String {
        if let givenID { return givenID }
        if let sent = headers["x-request-id"], RequestID.isAcceptable(sent) { return sent }
        return RequestID.text(number)
    }

    /// The authority of a target in absolute form.
    var authority: String? { head.flatMap { head in head.facts.authority.map(head.text) } }

    func withRawPath<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if path == nil, target == nil, let head {
            defer { withExtendedLifetime(head) {} }
            return try body(head.part(rawPath ?? head.facts.path))
        }
        let text = path ?? String((target ?? "").prefix { $0 != "?" })
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBufferPointer { buffer in
            Swift.Result { () throws(Failure) in try body(buffer) }
        }
        return try result.get()
    }

    func parsedQuery() -> Query {
        if target == nil, let head {
            guard let range = head.facts.query else { return Query() }
            return (try? Query(encoded: head.part(range))) ?? Query()
        }
        guard let mark = target?.utf8.firstIndex(of: Byte.question) else { return Query() }
        return (try? Query(encoded: target!.utf8[mark...].dropFirst())) ?? Query()
    }
}
