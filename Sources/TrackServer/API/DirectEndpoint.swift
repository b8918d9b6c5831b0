import HTTPSockets
import TrackModel
import TrackStore

/// The way past tasks for an endpoint whose work is done elsewhere: it takes a request on the event loop's thread and answers from any.
struct DirectEndpoint: Sendable {
    /// Takes a request, its body, and what answers it; or declines it. It must not take long.
    typealias Work = @Sendable (_ request: Request, _ body: [UInt8], _ reply: DirectReply) -> Bool
    private let work: Work

    init(_ work: @escaping Work) { self.work = work }

    /// What the route is given: requests whose sender need not be looked up, and that have no query, come to the work.
    func handler(_ endpoint: Endpoint, _ gatekeeper: Gatekeeper, _ counter: Counters.Route) -> DirectHandler {
        { [work] request, body, reply in
            guard request.query.items.isEmpty, let scope = endpoint.scope, gatekeeper.admitsAtOnce(request, for: scope) else { return false }
            return work(request, body, DirectReply(reply: reply, counter: counter))
        }
    }
}

extension EventLoop: AnswerThread {}

/// Where the answer to a request goes that was taken directly.
struct DirectReply: Sendable {
    let reply: Reply
    let counter: Counters.Route

    /// The thread that sends it.
    var loop: EventLoop { reply.loop }

    func send(_ response: Response) {
        var response = response
        counter.count(status: response.status.code)
        if response.headers["X-Content-Type-Options"] == nil { response.headers.add("X-Content-Type-Options", "nosniff") }
        reply.send(response)
    }
}
