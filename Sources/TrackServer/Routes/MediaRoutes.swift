import TrackModel
import TrackStore

/// Images, texts, tables and files at steps of a run.
struct MediaRoutes {
    let store: any MediaStore

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/media", tag: "media", about: "Lists what the run logged beside numbers, in step order.", scope: .read,
                      query: [.text("kind", "Only this kind: image, text, table, audio, video, file."), .text("name", "Only this name."),
                              .integer("from", Int.min...Int.max, "First step."), .integer("to", Int.min...Int.max, "Last step."),
                              .integer("limit", 1...1_000, "Entries at most; 100 without it."), .text("cursor", "nextCursor of the page before.")],
                      answers: [.json(200, MediaPage.self, "A page; pending entries wait for their file.")]), gives: MediaPage.self, use: list)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/media/names", tag: "media", about: "Lists the names under which there are media.", scope: .read,
                      answers: [.json(200, MediaNames.self, "Names, with kinds, counts and steps.")]), gives: MediaNames.self, use: names)
    }

    /// `GET /runs/{run}/media?kind=&name=&from=&to=&limit=&cursor=`. Throws `unknown_run`, `invalid_parameter`.
    func list(_ call: Call) async throws -> MediaPage {
        try await store.media(MediaQuery(
            run: call.run(), kind: call.text("kind"), name: call.text("name"), from: try call.integer("from").map(Int64.init),
            to: try call.integer("to").map(Int64.init), limit: try call.integer("limit") ?? 100, cursor: call.text("cursor")))
    }

    /// `GET /runs/{run}/media/names`. Throws `unknown_run`.
    func names(_ call: Call) async throws -> MediaNames { MediaNames(names: try await store.mediaNames(call.run())) }
}

struct MediaNames: Codable, Sendable { var names: [MediaSummary] }
