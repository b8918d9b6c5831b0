import HTTPSockets
import TrackModel
import TrackSeries
import TrackStore

/// Distributions over time.
struct HistogramRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/histograms", tag: "histograms", about: "Lists the run's histograms.", scope: .read,
                      answers: [.json(200, HistogramList.self, "Names, with counts.")]), gives: HistogramList.self, use: list)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/histograms/data", tag: "histograms",
                      about: "Reads one histogram over time, evenly thinned, first and last kept.", scope: .read,
                      query: [.text("name", "Which histogram.", required: true), .integer("from", Int.min...Int.max, "First step."),
                              .integer("to", Int.min...Int.max, "Last step."), .integer("limit", 1...10_000, "Slices at most; 200 without it."),
                              .choice("thin", ["skip", "merge"], "What becomes of slices beyond the limit: left out (default), or merged with their neighbours."),
                              .integer("bins", 1...512, "Spreads all slices over the same bins of equal width; each has its own without it.")],
                      answers: [.json(200, HistogramSlices.self, "The slices.")], refusals: [.unknownMetric]),
                gives: HistogramSlices.self, use: slices)
    }

    /// `GET /runs/{run}/histograms`. Throws `unknown_run`.
    func list(_ call: Call) async throws -> HistogramList { HistogramList(histograms: try await store.histogramNames(call.run())) }

    /// `GET /runs/{run}/histograms/data?name=`. Throws `unknown_run`, `unknown_metric`, `invalid_parameter`.
    func slices(_ call: Call) async throws -> HistogramSlices {
        var answer = try await read(call)
        if let bins = try call.integer("bins"), let edges = HistogramBins.common(answer.slices, count: bins) {
            answer.slices = answer.slices.map { $0.rebinned(to: edges) }
        }
        return answer
    }

    private func read(_ call: Call) async throws -> HistogramSlices {
        try await store.histograms(call.run(), name: call.text("name") ?? "", from: try call.integer("from").map(Int64.init),
                                   to: try call.integer("to").map(Int64.init), limit: try call.integer("limit") ?? 200, merging: call.text("thin") == "merge")
    }
}

struct HistogramList: Codable, Sendable { var histograms: [HistogramSummary] }
