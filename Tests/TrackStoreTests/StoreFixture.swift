import Foundation
import Testing
import TrackModel
import TrackSeries
import TrackStore

/// What a store needs to be tested: how to open one in a folder.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    let name: String
    let open: @Sendable (_ directory: String, _ options: StoreOptions) throws -> any Store
    var testDescription: String { name }

    static let sqlite = StoreFactory(name: "SQLite") { try SQLiteStore(directory: $0, migrations: migrations, options: $1) }
    static let all = [sqlite]

    static let migrations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../migrations/sqlite").standardized.path
}

/// A store in a temporary folder, gone afterwards.
func withStore<Value>(
    _ factory: StoreFactory = .sqlite, options: StoreOptions = StoreOptions(), _ body: (any Store) async throws -> Value
) async throws -> Value {
    try await withFolder { folder in
        let store = try factory.open(folder, options)
        do {
            let value = try await body(store)
            try await store.close()
            return value
        } catch {
            try? await store.close()
            throw error
        }
    }
}

func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "track-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

extension Store {
    /// A run in project `p`.
    func newRun(_ id: RunID? = nil, project: String = "p", config: JSONValue? = nil) async throws -> RunID {
        try await makeRun(CreateRunRequest(id: id, project: project, config: config)).run.id
    }

    @discardableResult
    func log(
        _ run: RunID, _ columns: [String: [Double?]], steps: [Int64], writer: String = "w", sequence: UInt64 = 1, attempt: Int = 1, extras: BatchExtras = .init()
    ) async throws -> BatchAcknowledgement {
        let columns = columns.sorted { $0.key < $1.key }.map { Batch.Column(name: $0.key, optional: $0.value) }
        let batch = Batch(attempt: attempt, writer: writer, sequence: sequence, steps: steps, times: steps.map { 1_000_000 * $0 }, columns: columns, extras: extras)
        return try await append(try EncodedBatch(batch), to: run)
    }

    func buckets(_ run: RunID, _ metric: String, _ change: (inout SeriesQuery) -> Void = { _ in }) async throws -> BucketSeries? {
        var query = SeriesQuery(runs: [run], metrics: [metric])
        change(&query)
        return try await series(query).series.first
    }
}
