/// The storage behind ``Request``: one object, so that a request is one pointer to copy.
///
/// `@unchecked Sendable`: ``Request`` changes it only while it holds the only reference.
final class RequestBox: @unchecked Sendable {
    /// What tests and middleware set; most requests have none of it.
    struct Overrides: Sendable {
        var target: String?
        var path: String?
        var query: Query?
        var id: String?
        var context: [String: String] = [:]
    }

    let head: RequestHead?
    var method: Method
    /// Where the path stands in the head, without the configured prefix.
    var rawPath: Range<Int>?
    var headers: Headers
    var parameters: Parameters = [:]
    var number: UInt64 = 0
    var client: ClientAddress
    var body: RequestBody
    var route: String?
    private var box: OverridesBox?

    private final class OverridesBox {
        var values: Overrides
        init(_ values: Overrides) { self.values = values }
    }

    var overrides: Overrides {
        get { box?.values ?? Overrides() }
        set { if let box { box.values = newValue } else { box = OverridesBox(newValue) } }
    }

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
        self.headers = headers
        self.body = body
        client = ClientAddress(peer: peer)
        number = RequestID.next()
        overrides.target = target
    }

    init(copying other: RequestBox) {
        head = other.head
        method = other.method
        rawPath = other.rawPath
        headers = other.headers
        parameters = other.parameters
        number = other.number
        client = other.client
        body = other.body
        route = other.route
        box = other.box.map { OverridesBox($0.values) }
    }

    var id: String {
        if let id = box?.values.id { return id }
        if let sent = headers["x-request-id"], RequestID.isAcceptable(sent) { return sent }
        return RequestID.text(number)
    }

    /// The authority of a target in absolute form.
    var authority: String? { head.flatMap { head in head.facts.authority.map(head.text) } }

    func withRawPath<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (target, path) = (box?.values.target, box?.values.path)
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
        let target = box?.values.target
        if target == nil, let head {
            guard let range = head.facts.query else { return Query() }
            return (try? Query(encoded: head.part(range))) ?? Query()
        }
        guard let mark = target?.utf8.firstIndex(of: Byte.question) else { return Query() }
        return (try? Query(encoded: target!.utf8[mark...].dropFirst())) ?? Query()
    }
}
