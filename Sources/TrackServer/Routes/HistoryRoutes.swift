import Foundation
import HTTPSockets
import TrackModel
import TrackStore

/// Whole histories beyond curves: every point as text, and what metrics were when another was best.
struct HistoryRoutes {
    let store: any Store
    let history: any HistoryStore
    /// Where a file lies until it has been sent.
    let folder: String
    private static let types: [ExportFormat: String] = [.csv: "text/csv", .jsonl: "application/x-ndjson"]

    func register(on api: inout API) {
        api.add(.init(method: .post, path: "/api/v1/series/best", tag: "series", about: "Tells what metrics were at the step where another metric was best.", scope: .read,
                      body: .json(BestStepsQuery.self), answers: [.json(200, BestStepsAnswer.self, "One entry for each run and pair that has a value.")]),
                takes: BestStepsQuery.self, gives: BestStepsAnswer.self, use: best)
        let lines = Endpoint.Answer(status: 200, about: "One line a point.", body: .init(contentTypes: Self.types.values.sorted()))
        api.add(.init(method: .get, path: "/api/v1/points", tag: "series", about: "Answers every point of metrics of runs, at full resolution.", scope: .read,
                      query: [.list("runs", "Run ids.", required: true), .text("metric", "A name; repeat the parameter for more; all metrics without it."),
                              .choice("format", ["csv", "jsonl"], "csv without it.")],
                      answers: [lines], refusals: [.unknownRun, .diskFull]), use: points)
    }

    /// `POST /series/best`. Throws `invalid_parameter`.
    func best(_ call: Call, _ query: BestStepsQuery) async throws -> BestStepsAnswer { try await history.bestSteps(query) }

    /// `GET /points?runs=a,b&metric=loss&format=csv`. Throws `invalid_parameter`, `unknown_run`, `disk_full`.
    func points(_ call: Call) async throws -> Response {
        let format = call.text("format").flatMap(ExportFormat.init) ?? .csv, metrics = call.request.query.all("metric").filter { !$0.isEmpty }
        let runs = try (call.list("runs") ?? []).map { (text) throws(APIError) in try Call.run(text) }
        for run in runs { _ = try await store.run(run) }            // refused before the answer begins
        let history = history
        return .temporary(in: folder, name: "points.\(format.rawValue)", contentType: Self.types[format]!) { path in
            try Data().write(to: URL(filePath: path))
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            defer { try? file.close() }
            try await history.export(runs, metrics: metrics.isEmpty ? nil : metrics, as: format) { try file.write(contentsOf: Data($0)) }
        }
    }
}
