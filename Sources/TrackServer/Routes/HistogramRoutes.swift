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

/// Distributions of many runs.
struct ManyHistogramRoutes {
    let store: any HistogramStore

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/histograms", tag: "histograms", about: "Lists the histograms that the project's runs have logged.",
                      scope: .read, query: [.list("runs", "Run ids; all runs without it."), .text("filter", "Only of runs that the filter lets through.")],
                      answers: [.json(200, HistogramNames.self, "Names, with how many runs have them.")], refusals: [.invalidFilter]), gives: HistogramNames.self, use: names)
        api.add(.init(method: .post, path: "/api/v1/histograms/query", tag: "histograms",
                      about: "Reads histograms of many runs over time, at even distances of steps, first and last kept.", scope: .read, body: .json(HistogramsQuery.self),
                      answers: [.json(200, HistogramsAnswer.self, "One entry for each name and run that logged it.")]),
                takes: HistogramsQuery.self, gives: HistogramsAnswer.self, use: query)
    }

    /// `GET /projects/{project}/histograms?runs=a,b`. Throws `unknown_project`, `invalid_filter`, `invalid_parameter`.
    func names(_ call: Call) async throws -> HistogramNames {
        HistogramNames(histograms: try await store.histogramNames(project: call.path("project"), runs: try call.runs(), filter: call.text("filter")))
    }

    /// `POST /histograms/query`. Throws `invalid_parameter`.
    func query(_ call: Call, _ query: HistogramsQuery) async throws -> HistogramsAnswer { try await store.histograms(query) }
}

struct HistogramList: Codable, Sendable { var histograms: [HistogramSummary] }
struct HistogramNames: Codable, Sendable { var histograms: [HistogramNameRecord] }
