/// Answers a request without a task, or declines it: then the route's handler gets it as if nobody had looked.
///
/// It runs on the event loop's thread and must not take long: what comes on other connections waits meanwhile. It is for the few routes whose work is done elsewhere and is
/// so small that starting a task would be most of it. Middleware does not see what it takes, and its answer is not compressed.
/// - Parameter body: All of it, as sent: only requests whose body is small (``Limits/eagerBodyBytes``) and not encoded come here.
/// - Parameter reply: Where the answer goes. Whoever takes the request must answer it, sooner or later.
/// - Returns: Whether the request was taken.
public typealias DirectHandler = @Sendable (_ request: Request, _ body: [UInt8], _ reply: Reply) -> Bool

/// Where the answer to a directly handled request goes: once, from any thread; also before the handler has returned.
///
/// `@unchecked Sendable`: connection and exchange are touched by their loop's thread only.
public struct Reply: @unchecked Sendable {
    private let connection: Connection
    private let exchange: Exchange

    init(_ connection: Connection, _ exchange: Exchange) { (self.connection, self.exchange) = (connection, exchange) }

    /// Sends this answer. Who has several to give does it there, all at once.
    public var loop: EventLoop { connection.loop }

    /// Sends a response, if the client is still there. Answers that are given together leave together.
    /// - Parameter response: With a body that is all there; a stream or a file is answered 500.
    public func send(_ response: Response) {
        let loop = connection.loop
        if loop.isCurrent { sendHere(response) } else { loop.perform { sendHere(response) } }
    }

    private func sendHere(_ response: Response) {
        connection.loop.answered()
        guard connection.exchange === exchange else { return }
        connection.sendDirectly(response)
    }
}

extension Connection {
    fileprivate func sendDirectly(_ response: Response) {
        switch response.body {
        case .empty, .bytes: _ = send(response, to: nil)
        case .file, .stream, .events:
            let error = HTTPError.invalidResponse("a direct handler answers with whole bytes only")
            core.configuration.warn(error.message)
            _ = send(core.errorResponse(error, exchange?.request), to: nil)
        }
    }
}
