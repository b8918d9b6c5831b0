import HTTPSockets
import TrackModel
import TrackSeries
import TrackStore

/// Curves in buckets: each keeps its extremes, so that no spike is lost at any zoom.
struct SeriesRoutes {
    let store: any Store
    static let binaryType = SeriesAnswer.binaryContentType

    func register(on api: inout API) {
        let answer = Endpoint.Answer(status: 200, about: "One entry for each run and metric, or for each group.",
                                     body: .init(type: SeriesAnswer.self, contentTypes: [JSONCoding.contentType, Self.binaryType]))
        api.add(.init(method: .post, path: "/api/v1/series/query", tag: "series", about: "Reads many series at once, in buckets.", scope: .read,
                      body: .json(SeriesQuery.self), answers: [answer, .unchanged]), takes: SeriesQuery.self, use: query)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/series", tag: "series", about: "Reads series of one run, in buckets.", scope: .read,
                      query: Self.parameters, answers: [answer, .unchanged]), use: series)
    }

    private static let parameters: [Endpoint.Parameter] = [
        .text("metric", "A name; repeat the parameter for more.", required: true),
        .integer("buckets", 1...10_000, "How many buckets; 500 without it."),
        .text("x", "step (default), running, relative, wall or metric:NAME."),
        .number("from", "First x."), .number("to", "Last x."),
        .choice("scale", ["linear", "log"], "How buckets are spaced."),
        .choice("smoothing", SeriesQuery.Smoothing.Kind.allCases.map(\.rawValue), "A smoother; needs amount."),
        .number("amount", "How much to smooth: 0 … 0.999, or points for average."),
        .list("columns", "Columns to answer; all without it."),
    ]

    /// `POST /series/query`. A run that is not there is `missing`. Throws `invalid_parameter`.
    func query(_ call: Call, _ query: SeriesQuery) async throws -> Response {
        let tag = try await tag(query, call)
        if let tag, EntityTag.matches(tag, call.request.headers["If-None-Match"]) { return .unchanged(tag) }
        return await respond(try await store.series(query), tag, call)
    }

    /// `GET /runs/{run}/series?metric=loss&buckets=100`. Throws `invalid_parameter`, `unknown_run`.
    func series(_ call: Call) async throws -> Response {
        var query = SeriesQuery(runs: [try call.run()], metrics: call.request.query.all("metric"), x: call.text("x"),
                                from: try call.number("from"), to: try call.number("to"), buckets: try call.integer("buckets"),
                                scale: call.text("scale"), columns: call.list("columns"))
        if let kind = call.text("smoothing").flatMap(SeriesQuery.Smoothing.Kind.init) {
            guard let amount = try call.number("amount") else {
                throw APIError(.invalidParameter, "The parameter \"amount\" is missing: smoothing needs it.", details: ["parameter": "amount"])
            }
            query.smoothing = .init(kind: kind, amount: amount)
        }
        let tag = try await tag(query, call)
        if let tag, EntityTag.matches(tag, call.request.headers["If-None-Match"]) { return .unchanged(tag) }
        let answer = try await store.series(query)
        if answer.missing.contains(where: { $0.reason == .unknownRun }) { throw StoreError.unknownRun(call.path("run")) }
        return await respond(answer, tag, call)
    }

    /// What an answer about finished runs is called before it is made, so that asking again costs no work; `nil` while one may still grow.
    private func tag(_ query: SeriesQuery, _ call: Call) async throws -> String? {
        try await store.seriesVersion(query).map { "W/\"" + $0 + (call.accepts(Self.binaryType) ? "-b\"" : "-j\"") }
    }

    private func respond(_ answer: SeriesAnswer, _ tag: String?, _ call: Call) async -> Response {
        if call.accepts(Self.binaryType) { return .entity(await answer.encodedBinaryInParts(), type: Self.binaryType, tag: tag, for: call.request) }
        return .entity(answer.encodedJSON(), type: JSONCoding.contentType, tag: tag, for: call.request)
    }
}
