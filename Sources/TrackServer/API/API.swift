import HTTPSockets
import TrackModel

/// The table of all endpoints while it is being built: each is registered once, and that feeds routing, guarding, counting and OpenAPI.
struct API {
    static let prefix = "/api/v1"

    private(set) var routes = Routes()
    private(set) var endpoints: [Endpoint] = []
    let gatekeeper: Gatekeeper
    let counters: Counters

    init(gatekeeper: Gatekeeper, counters: Counters) { (self.gatekeeper, self.counters) = (gatekeeper, counters) }

    /// Registers an endpoint that makes its own response.
    /// - Parameter direct: Takes what it can without a task; whatever it declines, the handler gets.
    mutating func add(_ endpoint: Endpoint, direct: DirectEndpoint? = nil, use handler: @escaping @Sendable (Call) async throws -> Response) {
        let counter = counters.makeCounter(method: endpoint.method.rawValue, route: endpoint.path)
        let gatekeeper = gatekeeper
        endpoints.append(endpoint)
        let front = direct.map { $0.handler(endpoint, gatekeeper, counter) }
        routes.add(endpoint.method, endpoint.path, bodyLimit: endpoint.bodyLimit, execution: endpoint.isQuick ? .eventLoop : .threadPool,
                   direct: front) { request in
            let response: Response
            do {
                let call = Call(request: request, access: try await gatekeeper.admit(request, for: endpoint.scope), endpoint: endpoint)
                try call.checkQuery()
                response = try await handler(call)
            } catch {
                response = .refusal(error, request: request)
            }
            counter.count(status: response.status.code)
            return response
        }
    }

    /// Answers what no endpoint matches: the dashboard's files and pages, or a refusal that says what there is.
    mutating func addFiles(_ files: StaticFiles?) {
        let counter = counters.makeCounter(method: "GET", route: "files"), gatekeeper = gatekeeper
        routes.fallback = { request in
            guard let files, !request.path.hasPrefix("/api/") else { throw StaticFiles.unknown(request.path) }
            let response = try await files.respond(to: request) { await gatekeeper.pageSession(request) }
            counter.count(status: response.status.code)
            return response
        }
        routes.use { request, next in
            var response = try await next(request)
            if response.headers["X-Content-Type-Options"] == nil { response.headers.add("X-Content-Type-Options", "nosniff") }
            return response
        }
    }

    /// Registers an endpoint that answers JSON of one type: the one that it declares. What it reads may be asked for again by its tag.
    mutating func add<Output: Encodable & Sendable>(
        _ endpoint: Endpoint, gives: Output.Type, use handler: @escaping @Sendable (Call) async throws -> Output
    ) {
        precondition(endpoint.answers.first?.body?.type == gives, "\(endpoint.method) \(endpoint.path) does not declare that it gives \(gives)")
        let status = endpoint.answers[0].status
        var endpoint = endpoint
        if endpoint.method == .get { endpoint.answers.append(.unchanged) }
        add(endpoint) { try .json(try await handler($0), status: status, for: $0.request) }
    }

    /// Registers an endpoint that takes and answers JSON of one type each.
    mutating func add<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ endpoint: Endpoint, takes: Input.Type, gives: Output.Type,
        use handler: @escaping @Sendable (Call, Input) async throws -> Output
    ) {
        endpoint.declares(takes)
        add(endpoint, gives: gives) { try await handler($0, try await $0.body(takes)) }
    }

    /// Registers an endpoint that takes JSON of one type and makes its own response.
    mutating func add<Input: Decodable & Sendable>(
        _ endpoint: Endpoint, takes: Input.Type, use handler: @escaping @Sendable (Call, Input) async throws -> Response
    ) {
        endpoint.declares(takes)
        add(endpoint) { try await handler($0, try await $0.body(takes)) }
    }
}

extension Endpoint {
    /// A body that is decoded as one type is described as that type, or by a schema of its own.
    fileprivate func declares(_ type: any Decodable.Type) {
        precondition(body?.type == type || body?.schema != nil, "\(method) \(path) does not declare that it takes \(type)")
    }
}
