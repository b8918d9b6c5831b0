import Foundation
public import TrackModel

/// How a server listens and whom it lets in.
public struct ServerOptions: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 8080
    /// Where the server hangs behind a proxy: `/track`, or empty.
    public var pathPrefix = ""
    /// Addresses, networks, `loopback` or `unix`: whose `X-Forwarded-*` fields are believed.
    public var trustedProxies: [String] = []
    /// A Unix-domain socket that serves the same API without keys, for `track key` and other tools of the data folder's owner.
    public var controlSocket: String?
    /// The folder with the dashboard; `nil` serves the API alone.
    public var web: String?
    public var limits = BatchLimits()
    /// As `/api/v1/info` tells it: `full` or `normal`.
    public var durability = "full"
    /// 32 random bytes that sign browser sessions; kept between starts, sessions outlive a restart.
    public var sessionSecret: [UInt8] = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    /// Whether a loopback server without keys lets everybody in.
    public var opensWithoutKeys = true
    /// One line for each request on standard error.
    public var logsRequests = false
    /// Where files lie that are only being sent.
    public var scratch = NSTemporaryDirectory()
    /// How long requests that are under way may take to finish at shutdown.
    public var drain: Duration = .seconds(10)

    public init() {}

    /// Whether only programs on this machine can reach the server.
    public var isLoopback: Bool { OriginRules.isLoopback(host) }
}
