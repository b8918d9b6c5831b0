/// A received request. A value: copies are cheap, and a changed copy changes nothing else.
///
/// What stands in the head is kept as bytes and becomes strings when it is read, so a handler pays for what it looks at.
public struct Request: Sendable {
    private var box: RequestBox

    init(box: RequestBox) { self.box = box }

    /// A request that did not come over a socket, for tests of routes.
    /// - Parameter target: Path and query, percent-encoded.
    public init(
        _ method: Method, _ target: String, headers: Headers = [:], body: [UInt8] = [], peer: String = "127.0.0.1"
    ) {
        box = RequestBox(method: method, target: target, headers: headers, body: RequestBody(bytes: body), peer: peer)
        let coding = headers["content-encoding"].map(ContentCoding.init)
        if let coding { box.body = RequestBody(bytes: body, coding: coding, policy: .init(limit: Limits().bodyBytes)) }
    }

    public var method: Method { get { box.method } set { unique().method = newValue } }

    /// The target as sent, query included.
    public var target: String {
        get { box.overrides.target ?? box.head?.text(box.head!.facts.target) ?? "" }
        set {
            let box = unique()
            (box.overrides.target, box.overrides.path, box.rawPath) = (newValue, nil, nil)
        }
    }

    /// The path, still percent-encoded, without query and without the configured prefix.
    public var path: String {
        get { box.overrides.path ?? box.withRawPath { $0.isEmpty ? "/" : String(decoding: $0, as: UTF8.self) } }
        set { unique().overrides.path = newValue }
    }

    /// The decoded query; broken parts are refused before a handler runs.
    public var query: Query {
        get { box.overrides.query ?? box.parsedQuery() }
        set { unique().overrides.query = newValue }
    }

    public var headers: Headers { get { box.headers } set { unique().headers = newValue } }

    /// The path parameters of the matched route.
    public var parameters: Parameters { get { box.parameters } set { unique().parameters = newValue } }

    /// The request's id: the client's `X-Request-Id` if it is a word of at most 64 letters, digits and `-._`, else ours.
    public var id: String { get { box.id } set { unique().overrides.id = newValue } }

    /// The client's address; behind a trusted proxy, the one that the proxy names.
    public var peer: String { get { box.client.peer(box.headers) } set { unique().client = ClientAddress(peer: newValue) } }

    /// Whether the client is on this machine: a loopback address or a Unix-domain socket, and no sign of a proxy between.
    public var isLoopback: Bool { box.client.isLoopback(box.headers) }

    /// `http`, or what a trusted proxy says in `X-Forwarded-Proto`.
    public var scheme: String { box.client.scheme(box.headers) }

    /// Host and port as the client wrote them; a trusted proxy's `X-Forwarded-Host` goes first.
    public var host: String? { box.client.host(box.headers, authority: box.authority) }

    /// The configured prefix, such as `/track`, to be put before links; empty without one.
    public var pathPrefix: String { box.client.pathPrefix }

    public var body: RequestBody { get { box.body } set { unique().body = newValue } }

    /// What middleware found out, such as the authenticated key.
    public var context: [String: String] { get { box.overrides.context } set { unique().overrides.context = newValue } }

    /// The pattern of the matched route, such as `/runs/{run}`; `nil` before routing and for unknown paths.
    public var route: String? { box.route }

    /// The encoded query of a received request.
    var rawQuery: UnsafeBufferPointer<UInt8>? { box.head.flatMap { head in head.facts.query.map(head.part) } }

    var isHead: Bool { box.method == .head }

    func withRawPath<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result { try box.withRawPath(body) }

    mutating func matched(route: String?, parameters: Parameters) {
        let box = unique()
        box.route = route
        box.parameters = parameters
    }

    private mutating func unique() -> RequestBox {
        if !isKnownUniquelyReferenced(&box) { box = RequestBox(copying: box) }
        return box
    }
}
