/// One answered request, for the access log.
public struct AccessLogEntry: Sendable {
    public let requestID: String
    public let peer: String
    /// Empty if the request could not be read.
    public let method: String
    public let target: String
    public let status: Int
    /// Bytes of head and body that were queued for the client.
    public let bytesSent: Int
    /// From the request's head to the last byte handed to the system.
    public let duration: Duration
    public let userAgent: String?
    /// The pattern of the route, such as `/runs/{run}`; `nil` if none matched.
    public let route: String?
    /// Whether the connection broke before the response was complete.
    public let wasAborted: Bool
}
