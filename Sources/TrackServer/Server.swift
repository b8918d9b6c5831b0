import Foundation
public import HTTPSockets
import Synchronization
import TrackModel
public import TrackStore

/// The server: the API, the dashboard's files and live updates over one store.
///
/// ```swift
/// let server = Server(store: try SQLiteStore(...), options: options)
/// let address = try await server.start()
/// …
/// await server.shutdown()
/// ```
public final class Server: Sendable {
    /// Every endpoint as the OpenAPI document tells it.
    let endpoints: [Endpoint]
    let routes: Routes
    let gatekeeper: Gatekeeper
    private let store: any Store
    private let options: ServerOptions
    private let live: LiveUpdates
    let health: HealthMonitor?
    private let isDraining: DrainFlag
    private let http: HTTPServer
    private let control: HTTPServer?

    public init(store: any Store, options: ServerOptions = ServerOptions()) {
        let (live, isDraining) = (LiveUpdates(), DrainFlag())
        let gatekeeper = Gatekeeper(store: store, secret: options.sessionSecret, opensWithoutKeys: options.opensWithoutKeys && options.isLoopback)
        (self.store, self.options, self.gatekeeper, self.live, self.isDraining) = (store, options, gatekeeper, live, isDraining)
        let health = (store as? any HealthStore).map { HealthMonitor(store: $0) }
        self.health = health
        var api = API(gatekeeper: gatekeeper, counters: Counters())
        Self.register(on: &api, store: store, options: options, live: live, health: health, isDraining: isDraining)
        (endpoints, routes) = (api.endpoints, api.routes)
        http = HTTPServer(configuration: Self.configuration(options), routes: api.routes)
        control = options.controlSocket.map { path in
            var side = API(gatekeeper: Gatekeeper(controlBeside: gatekeeper), counters: Counters())
            Self.register(on: &side, store: store, options: options, live: live, health: health, isDraining: isDraining)
            var configuration = Self.configuration(options)
            (configuration.unixSocketPath, configuration.pathPrefix) = (path, "")
            return HTTPServer(configuration: configuration, routes: side.routes)
        }
    }

    /// Begins to accept.
    /// - Returns: Where; the port is the real one.
    /// - Throws: When the address is in use or not ours.
    public func start() async throws -> BoundAddress {
        live.start(store)
        health?.start(store.changes())
        let address = try await http.start()
        if let control, let path = options.controlSocket {
            _ = try await control.start()
            chmod(path, 0o600)
        }
        return address
    }

    /// Accepts no more, lets requests finish, and ends live streams. The store stays open: it is its owner's.
    public func shutdown() async {
        isDraining.set()
        live.close()
        await http.shutdown(deadline: options.drain)
        await control?.shutdown(deadline: .seconds(1))
        await health?.stop()
    }

    private static func register(
        on api: inout API, store: any Store, options: ServerOptions, live: LiveUpdates, health: HealthMonitor?, isDraining: DrainFlag
    ) {
        ProjectRoutes(store: store).register(on: &api)
        RunKeyRoutes(store: store).register(on: &api)
        RunRoutes(store: store).register(on: &api)
        CommandRoutes(store: store).register(on: &api)
        ReceiptRoutes(store: store).register(on: &api)
        BatchRoutes(store: store, counters: api.counters, limits: options.limits).register(on: &api)
        SeriesRoutes(store: store).register(on: &api)
        if let history = store as? any HistoryStore { HistoryRoutes(store: store, history: history, folder: options.scratch).register(on: &api) }
        FoldingRoutes(store: store).register(on: &api)
        HistogramRoutes(store: store).register(on: &api)
        if let store = store as? any HistogramStore { ManyHistogramRoutes(store: store).register(on: &api) }
        LogRoutes(store: store).register(on: &api)
        if let store = store as? any MediaStore {
            BlobRoutes(store: store).register(on: &api)
            MediaRoutes(store: store).register(on: &api)
        }
        if let store = store as? any HealthStore, let health { FindingRoutes(store: store, monitor: health).register(on: &api) }
        ViewRoutes(store: store).register(on: &api)
        EventRoutes(live: live).register(on: &api)
        KeyRoutes(store: store, gatekeeper: api.gatekeeper).register(on: &api)
        SessionRoutes(gatekeeper: api.gatekeeper, pathPrefix: options.pathPrefix).register(on: &api)
        ServiceRoutes(store: store, options: options, gatekeeper: api.gatekeeper, counters: api.counters, live: live, health: health,
                      isDraining: { isDraining.isSet }).register(on: &api)
        if let store = store as? any BackedUp { BackupRoutes(store: store, folder: options.scratch).register(on: &api) }
        OpenAPIRoutes(serverPath: options.pathPrefix).register(on: &api)
        api.addFiles(options.web.map { StaticFiles(root: $0, pathPrefix: options.pathPrefix) })
    }

    private static func configuration(_ options: ServerOptions) -> ServerConfiguration {
        // A second thread keeps both cores of a small machine busy while many programs log; more would take turns with the store's.
        let threads = min(2, ProcessInfo.processInfo.activeProcessorCount)
        var configuration = ServerConfiguration(host: options.host, port: options.port, threads: threads)
        configuration.pathPrefix = options.pathPrefix
        configuration.trustedProxies = options.trustedProxies
        configuration.limits.bodyBytes = options.limits.bodyBytes
        configuration.warn = { ServerLog.error($0) }
        configuration.errorResponse = { error, request in
            if let request { return .refusal(error, request: request) }
            return APIError(error).response(requestID: nil)
        }
        if options.logsRequests {
            configuration.accessLog = { entry in
                ServerLog.info("\(entry.peer) \(entry.method) \(entry.target) \(entry.status) \(entry.bytesSent) B \(entry.duration) \(entry.requestID)")
            }
        }
        return configuration
    }
}

/// Set once, when the server begins to stop.
final class DrainFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
