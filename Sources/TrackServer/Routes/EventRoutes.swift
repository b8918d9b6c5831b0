import HTTPSockets
import TrackModel

/// The stream of what happens, for browsers.
struct EventRoutes {
    let live: LiveUpdates

    func register(on api: inout API) {
        let stream = Endpoint.Answer(status: 200, about: "Server-sent events: run, rows, histograms, logs, runEvents, deleted, resync.",
                                     body: .init(contentTypes: ["text/event-stream"]))
        api.add(.init(method: .get, path: "/api/v1/events", tag: "live", about: "Streams what is committed, each run at most twice a second.", scope: .read,
                      query: [.text("project", "Only this project; all without it.")], answers: [stream], isQuick: true), use: events)
    }

    /// `GET /events?project=NAME`; `Last-Event-ID` resumes.
    func events(_ call: Call) async throws -> Response {
        .events(live.stream(project: call.text("project"), lastEventID: call.request.headers["Last-Event-ID"]))
    }
}
