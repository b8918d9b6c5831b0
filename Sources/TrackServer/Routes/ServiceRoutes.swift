import HTTPSockets
import Synchronization
import TrackModel
import TrackStore

/// What operators and programs ask of the server itself.
struct ServiceRoutes {
    let store: any Store
    let options: ServerOptions
    let gatekeeper: Gatekeeper
    let counters: Counters
    let live: LiveUpdates
    let health: HealthMonitor?
    let isDraining: @Sendable () -> Bool
    let startedAt = now()

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/info", tag: "service", about: "Tells version, limits and whether a key is needed.", scope: nil,
                      answers: [.json(200, ServerInfo.self, "The facts.")]), gives: ServerInfo.self, use: info)
        api.add(.init(method: .get, path: "/healthz", tag: "service", about: "Answers while the process lives.", scope: nil,
                      answers: [.json(200, HealthState.self, "It lives.")], isQuick: true), gives: HealthState.self) { _ in HealthState(status: "ok") }
        api.add(.init(method: .get, path: "/readyz", tag: "service", about: "Answers 200 when requests can be served, 503 while starting or stopping.", scope: nil,
                      answers: [.json(200, HealthState.self, "Ready.")], refusals: [.shuttingDown]), gives: HealthState.self, use: ready)
        let text = Endpoint.Answer(status: 200, about: "The counters.", body: .init(contentTypes: ["text/plain"]))
        api.add(.init(method: .get, path: "/metrics", tag: "service", about: "Counters for Prometheus.", scope: .read, answers: [text]), use: metrics)
    }

    /// `GET /info`
    func info(_ call: Call) async throws -> ServerInfo {
        ServerInfo(version: Version.current, authRequired: try await gatekeeper.requiresKey(), durability: options.durability,
                   limits: options.limits, startedAt: startedAt, binDays: store.binDays)
    }

    /// `GET /readyz`. Throws `shutting_down`, and whatever the store says when it cannot be read.
    func ready(_ call: Call) async throws -> HealthState {
        if isDraining() { throw StoreError.closed }
        _ = try await store.hasKeys()
        return HealthState(status: "ready")
    }

    /// `GET /metrics`
    func metrics(_ call: Call) async throws -> Response {
        let text = MetricsText.make(counters: counters, store: store.statistics(), health: health?.counters, listeners: live.listenerCount,
                                    startedAt: startedAt, version: Version.current)
        return .text(text, contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// `GET /api/v1/info`
struct ServerInfo: Codable, Sendable {
    var version: String
    /// Whether requests need a key now.
    var authRequired: Bool
    /// `full` or `normal`.
    var durability: String
    var limits: BatchLimits
    /// Milliseconds since 1970.
    var startedAt: Int64
    /// Days that a run lies in the bin before it is deleted for ever.
    var binDays: Int
}

struct HealthState: Codable, Sendable { var status: String }
