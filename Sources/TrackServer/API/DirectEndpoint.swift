import HTTPSockets
import TrackModel

/// The way past tasks for an endpoint whose work is done elsewhere: it takes a request on the event loop's thread and answers from any.
struct DirectEndpoint: Sendable {
    /// Takes a request, its body, and the function that answers it; or declines it. It must not block.
    typealias Work = @Sendable (_ request: Request, _ body: [UInt8], _ reply: @escaping @Sendable (Response) -> Void) -> Bool
    private let work: Work

    init(_ work: @escaping Work) { self.work = work }

    /// What the route is given: requests whose sender need not be looked up, and that have no query, come to the work.
    func handler(_ endpoint: Endpoint, _ gatekeeper: Gatekeeper, _ counter: Counters.Route) -> DirectHandler {
        { [work] request, body, reply in
            guard request.query.items.isEmpty, let scope = endpoint.scope, gatekeeper.admitsAtOnce(request, for: scope) else { return false }
            return work(request, body) { response in
                var response = response
                counter.count(status: response.status.code)
                response.headers.add("X-Content-Type-Options", "nosniff")
                reply.send(response)
            }
        }
    }
}
