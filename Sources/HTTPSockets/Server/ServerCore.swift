import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
    /// Time-outs in nanoseconds.
    struct Times: Sendable {
        let head, idle, bodyWindow, write, linger, heartbeat: Int64

        init(_ timeouts: Timeouts) {
            head = timeouts.head.nanoseconds
            idle = timeouts.idle.nanoseconds
            bodyWindow = timeouts.bodyWindow.nanoseconds
            write = timeouts.write.nanoseconds
            linger = timeouts.linger.nanoseconds
            heartbeat = timeouts.heartbeat.nanoseconds
        }
    }

    let configuration: ServerConfiguration
    let router: Router
    let times: Times
    let connectionLimit: Int
    private let proxies: ProxyTrust
    private let connections = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(_ configuration: ServerConfiguration, _ routes: Routes, descriptors: Int) {
        precondition(configuration.pathPrefix.isEmpty || configuration.pathPrefix.hasPrefix("/") && !configuration.pathPrefix.hasSuffix("/"),
                     "pathPrefix: “\(configuration.pathPrefix)” must begin with / and not end with it, such as /track")
        self.configuration = configuration
        router = Router(routes)
        times = Times(configuration.timeouts)
        proxies = ProxyTrust(configuration.trustedProxies)
        // Files, the database and the event loops need descriptors as well.
        connectionLimit = min(configuration.limits.connections, max(16, descriptors - max(64, descriptors / 8)))
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    var connectionCount: Int { connections.load(ordering: .relaxed) }
    /// - Returns: Whether there is room for one more.
    func connectionOpened() -> Bool {
        connections.wrappingAdd(1, ordering: .relaxed).newValue <= connectionLimit
    }
    func connectionClosed() { connections.wrappingSubtract(1, ordering: .releasing) }

    func client(_ peer: String) -> ClientAddress {
        ClientAddress(peer: peer, proxies: proxies, pathPrefix: configuration.pathPrefix)
    }

    /// Runs the handler; never fails, since errors become responses.
    func respond(to request: Request, _ route: Router.Route) async -> Response {
        do {
            let response = route.execution == .eventLoop ? try await route.handler(request)
                : try await withTaskExecutorPreference(globalConcurrentExecutor) { try await route.handler(request) }
            if case .bytes(let bytes) = response.body, bytes.count < ResponseCompression.minimumBytes { return response }
            return configuration.compressesResponses ? await compressed(response, request) : response
        } catch {
            return errorResponse(error, request)
        }
    }

    private func compressed(_ response: Response, _ request: Request) async -> Response {
        switch response.body {
        case .bytes(let bytes) where bytes.count >= ResponseCompression.minimumBytes:
            let response = ResponseCompression.varying(response)
            guard ResponseCompression.applies(to: response, request: request, bytes: bytes) else { return response }
            if bytes.count <= ResponseCompression.offLoopBytes { return ResponseCompression.compressed(response, bytes: bytes) }
            return await withTaskExecutorPreference(globalConcurrentExecutor) { ResponseCompression.compressed(response, bytes: bytes) }
        case .stream(let write): return ResponseCompression.compressed(ResponseCompression.varying(response), stream: write, for: request)
        default: return response
        }
    }

    /// The configured answer to an error, with the error's own headers; only whole bodies are let through.
    func errorResponse(_ error: any Error, _ request: Request?) -> Response {
        var response = configuration.errorResponse(error, request)
        if let known = error as? any HTTPErrorConvertible {
            for (name, value) in known.headers where response.headers[name] == nil { response.headers.add(name, value) }
        }
        switch response.body {
        case .empty, .bytes: return response
        case .file, .stream, .events: return HTTPError.plainResponse(to: error)
        }
    }
}
