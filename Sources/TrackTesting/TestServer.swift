import Foundation
public import TrackModel
public import TrackServer
public import TrackStore

/// A real server in this process: on a free loopback port, with a data folder of its own that goes when the server does.
///
/// ```swift
/// try await TestServer.run { server in
///     let run = try await server.makeRun(logging: ["loss": [0.5, 0.25]])
///     let answer = try await server.client.get("/api/v1/runs/\(run)/series?metric=loss")
/// }
/// ```
public final class TestServer: Sendable {
    public let server: Server
    public let store: SQLiteStore
    public let port: Int
    /// The data folder.
    public let folder: String
    /// Talks to the server without a key.
    public var client: TestClient { TestClient(port: port) }
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Starts a server.
    /// - Parameter options: Host and port are replaced.
    public init(options: ServerOptions = ServerOptions(), store storeOptions: StoreOptions = StoreOptions()) async throws {
        folder = NSTemporaryDirectory() + "track-test-" + randomBase32(length: 12)
        guard let migrations = ResourceLocator().folder("migrations") else { throw TestServerError.noMigrations }
        var options = options
        (options.host, options.port, options.drain) = ("127.0.0.1", 0, .seconds(2))
        store = try SQLiteStore(directory: folder, migrations: migrations + "/sqlite", options: storeOptions)
        server = Server(store: store, options: options)
        port = try await server.start().port
    }

    /// Starts a server, runs `body`, and stops the server whatever happened.
    public static func run<Value: Sendable>(
        options: ServerOptions = ServerOptions(), store: StoreOptions = StoreOptions(), _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let server = try await TestServer(options: options, store: store)
        do {
            let value = try await body(server)
            try await server.stop()
            return value
        } catch {
            try? await server.stop()
            throw error
        }
    }

    /// Stops the server, closes the store and removes the data.
    public func stop() async throws {
        await server.shutdown()
        try await store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Makes a run over HTTP and logs columns of equal length at steps 0, 1, 2 …
    public func makeRun(project: String = "test", logging columns: [String: [Double]] = [:], finish: Bool = false) async throws -> RunID {
        let created: CreateRunResponse = try await client.value("POST", "/api/v1/runs", json: CreateRunRequest(project: project))
        let id = created.run.id
        if let count = columns.values.first?.count {
            let now = Int64(Date().timeIntervalSince1970 * 1e6)
            let batch = Batch(writer: "test", sequence: 1, steps: (0..<count).map(Int64.init), times: (0..<count).map { now + Int64($0) * 1_000 },
                              columns: columns.sorted { $0.key < $1.key }.map { Batch.Column(name: $0.key, values: $0.value) })
            let answer = try await client.send("POST", "/api/v1/runs/\(id)/batches", headers: ["Content-Type": BatchCodec.contentType], body: BatchCodec.encode(batch))
            _ = try answer.decode(BatchAcknowledgement.self)
        }
        if finish { _ = try await client.value("POST", "/api/v1/runs/\(id)/finish", json: FinishRunRequest(), as: RunRecord.self) }
        return id
    }
}

public enum TestServerError: Error, CustomStringConvertible {
    case noMigrations
    public var description: String { "The folder migrations was not found around the running tests. Run them from the package." }
}
