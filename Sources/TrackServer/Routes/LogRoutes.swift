import HTTPSockets
import TrackModel
import TrackStore

/// What a program printed, and the marks it made.
struct LogRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/logs", tag: "logs", about: "Reads log lines in the order of arrival.", scope: .read,
                      query: [.integer("after", -1...Int.max, "The number of the last line you have; from the beginning without it."),
                              .integer("limit", 1...10_000, "Lines at most; 1 000 without it.")],
                      answers: [.json(200, LogPage.self, "Lines, and how many there are.")]), gives: LogPage.self, use: logs)
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/events", tag: "logs", about: "Reads the run's marks: checkpoints, restarts, alerts, notes.",
                      scope: .read, answers: [.json(200, EventList.self, "The events.")]), gives: EventList.self, use: events)
    }

    /// `GET /runs/{run}/logs?after=&limit=`. Throws `unknown_run`, `invalid_parameter`.
    func logs(_ call: Call) async throws -> LogPage {
        try await store.logs(call.run(), after: try call.integer("after") ?? -1, limit: try call.integer("limit") ?? 1_000)
    }

    /// `GET /runs/{run}/events`. Throws `unknown_run`.
    func events(_ call: Call) async throws -> EventList { EventList(events: try await store.events(call.run())) }
}

struct EventList: Codable, Sendable { var events: [RunEvent] }
