import HTTPSockets
import TrackModel
import TrackStore

/// Folding batches into chunks: how it stands, and a switch for operators who need the disk for something else.
struct FoldingRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/folding", tag: "service", about: "Tells how folding of batches into chunks stands.", scope: .read,
                      answers: [.json(200, FoldingState.self, "The counters.")]), gives: FoldingState.self) { _ in FoldingState(store.statistics()) }
        api.add(.init(method: .patch, path: "/api/v1/folding", tag: "service",
                      about: "Pauses or resumes folding; batches are kept and read as they are meanwhile.", scope: .admin,
                      body: .json(FoldingRequest.self), answers: [.json(200, FoldingState.self, "The counters.")]),
                takes: FoldingRequest.self, gives: FoldingState.self, use: change)
    }

    /// `PATCH /folding`: lasts until it is resumed or the server ends.
    func change(_ call: Call, _ body: FoldingRequest) async throws -> FoldingState {
        store.pauseFolding(body.paused)
        return FoldingState(store.statistics())
    }
}

struct FoldingRequest: Codable, Sendable { var paused: Bool }

struct FoldingState: Codable, Sendable {
    var paused: Bool
    /// Acknowledged, but not folded yet.
    var tailRows: Int
    var tailBatches: Int
    /// Since the server started.
    var folds: Int
    var foldedRows: Int
    var foldedPoints: Int
    var foldSeconds: Double
    var failures: Int

    init(_ values: StoreCounters.Values) {
        (paused, tailRows, tailBatches) = (values.isFoldingPaused, values.tailRows, values.tailBatches)
        (folds, foldedRows, foldedPoints) = (values.folds, values.foldedRows, values.foldedPoints)
        (foldSeconds, failures) = (values.foldSeconds, values.foldFailures)
    }
}
