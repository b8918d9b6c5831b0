/// Where and how a server listens.
public struct ServerConfiguration: Sendable {
    /// An IPv4 or IPv6 address or a host name; `::` listens on both families.
    public var host: String
    /// 0 takes a free port; ``HTTPServer/start()`` says which.
    public var port: Int
    /// Listens on this Unix-domain socket as well as on nothing else if set; a stale one is replaced.
    public var unixSocketPath: String?
    /// Event-loop threads; one serves tens of thousands of small requests a second.
    public var threads: Int
    /// Connections that wait to be accepted; the system caps it.
    public var backlog = 4_096
    public var limits = Limits()
    public var timeouts = Timeouts()
    /// Where the server hangs behind a proxy, such as `/track`. Requests with and without it are served, since some proxies
    /// strip it; `Request.pathPrefix` is for links.
    public var pathPrefix = ""
    /// Addresses, networks (`10.0.0.0/8`), or the words `loopback` and `unix`: only their `X-Forwarded-*` headers are believed.
    public var trustedProxies: [String] = []
    /// Compresses text answers of at least 1 kB for clients that accept gzip.
    public var compressesResponses = true
    /// The value of the `Server` header; `nil` leaves it out.
    public var serverName: String?
    /// Called on the loop's thread once a response has left, or its connection broke; it must not block.
    public var accessLog: (@Sendable (AccessLogEntry) -> Void)?
    /// Called on the loop's thread with trouble that no client sees, such as a lack of descriptors; it must not block.
    public var warn: @Sendable (String) -> Void = { _ in }
    /// Turns refusals and thrown errors into answers; the default writes one sentence of plain text.
    /// Only empty bodies and bytes are sent. The request is `nil` if nothing of it could be read.
    public var errorResponse: @Sendable (any Error, Request?) -> Response = { error, _ in HTTPError.plainResponse(to: error) }

    public init(host: String = "127.0.0.1", port: Int = 8080, unixSocketPath: String? = nil, threads: Int = 1) {
        self.host = host
        self.port = port
        self.unixSocketPath = unixSocketPath
        self.threads = threads
    }
}

/// Where a started server can be reached.
public struct BoundAddress: Sendable, Equatable {
    public let host: String
    /// 0 for a Unix-domain socket.
    public let port: Int
    /// `http://host:port` and the path prefix, or `unix:path`.
    public let url: String
}
