import HTTPSockets
import TrackStore

/// What a project's runs can be filtered, sorted and grouped by, and the groups themselves.
struct RunKeyRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/groups", tag: "runs",
                      about: "Gathers runs that share values: counts, states, and the columns' mean, spread and range; never reads history.",
                      scope: .read, query: Self.groupParameters, answers: [.json(200, RunGroups.self, "Groups in the order of their values.")],
                      refusals: [.invalidFilter]), gives: RunGroups.self, use: groups)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/keys", tag: "runs",
                      about: "Lists config and explicit summary keys: type, range, how many runs, last seen.", scope: .read,
                      answers: [.json(200, RunKeyList.self, "Keys by name.")]), gives: RunKeyList.self, use: keys)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/values", tag: "runs", about: "Lists a key's values, most common first.",
                      scope: .read, query: [.text("key", "config.optimizer, state, group …", required: true), .integer("limit", 1...1_000, "Values; 50 without it.")],
                      answers: [.json(200, RunKeyValues.self, "The values.")]), gives: RunKeyValues.self, use: values)
    }

    private static let groupParameters: [Endpoint.Parameter] = [
        .list("by", "Keys, outermost first: config.optimizer,state.", required: true),
        .text("filter", "The filter language; all runs without it."),
        .list("columns", "Keys with numbers to summarise: summary.loss.min,config.lr."),
        .integer("limit", 1...10_000, "Groups in the answer; 1000 without it."),
        .integer("offset", 0...Int(Int32.max), "Groups that earlier answers held."),
    ]

    /// `GET /projects/{project}/groups?by=…`. Throws `unknown_project`, `invalid_filter`, `invalid_parameter`.
    func groups(_ call: Call) async throws -> RunGroups {
        try await store.runGroups(RunGroupsQuery(
            project: call.path("project"), by: call.list("by") ?? [], filter: call.text("filter"), columns: call.list("columns") ?? [],
            limit: try call.integer("limit") ?? 1_000, offset: try call.integer("offset") ?? 0))
    }

    /// `GET /projects/{project}/keys`. Throws `unknown_project`.
    func keys(_ call: Call) async throws -> RunKeyList { RunKeyList(keys: try await store.runKeys(project: call.path("project"))) }

    /// `GET /projects/{project}/values?key=…`. Throws `unknown_project`, `invalid_parameter`.
    func values(_ call: Call) async throws -> RunKeyValues {
        let key = call.text("key") ?? ""
        return RunKeyValues(key: key, values: try await store.runKeyValues(project: call.path("project"), key: key, limit: try call.integer("limit") ?? 50))
    }
}

struct RunKeyList: Codable, Sendable { var keys: [RunKeyRecord] }
struct RunKeyValues: Codable, Sendable { var key: String; var values: [RunKeyValue] }
