import HTTPSockets
import TrackModel
import TrackStore

/// Named arrangements of a project's workspace.
struct ViewRoutes {
    let store: any Store

    func register(on api: inout API) {
        let path = "/api/v1/projects/{project}/views"
        api.add(.init(method: .get, path: path, tag: "views", about: "Lists the project's views, without their state.", scope: .read,
                      answers: [.json(200, ViewList.self, "The views.")]), gives: ViewList.self, use: list)
        api.add(.init(method: .get, path: path + "/{view}", tag: "views", about: "Reads one view.", scope: .read,
                      answers: [.json(200, ViewRecord.self, "The view.")], refusals: [.unknownView]), gives: ViewRecord.self, use: one)
        api.add(.init(method: .put, path: path + "/{view}", tag: "views", about: "Saves a view under an id of the caller's choice.", scope: .write,
                      body: .json(SaveView.self), answers: [.json(200, ViewRecord.self, "The view.")], refusals: [.invalidName]),
                takes: SaveView.self, gives: ViewRecord.self, use: save)
        api.add(.init(method: .delete, path: path + "/{view}", tag: "views", about: "Deletes a view.", scope: .write,
                      answers: [.empty(204, "Deleted.")], refusals: [.unknownView]), use: delete)
    }

    /// `GET /projects/{project}/views`. Throws `unknown_project`.
    func list(_ call: Call) async throws -> ViewList { ViewList(views: try await store.views(project: call.path("project"))) }

    /// `GET /projects/{project}/views/{view}`. Throws `unknown_project`, `unknown_view`.
    func one(_ call: Call) async throws -> ViewRecord { try await store.view(project: call.path("project"), id: call.path("view")) }

    /// `PUT /projects/{project}/views/{view}`. Throws `unknown_project`, `invalid_name`.
    func save(_ call: Call, _ body: SaveView) async throws -> ViewRecord {
        try await store.saveView(project: call.path("project"), id: call.path("view"), name: body.name, shared: body.shared ?? false, state: body.state)
    }

    /// `DELETE /projects/{project}/views/{view}`. Throws `unknown_project`, `unknown_view`.
    func delete(_ call: Call) async throws -> Response {
        try await store.deleteView(project: call.path("project"), id: call.path("view"))
        return Response(status: .noContent, headers: [:], body: .empty)
    }
}

struct ViewList: Codable, Sendable { var views: [ViewRecord] }
struct SaveView: Codable, Sendable { var name: String; var shared: Bool?; var state: JSONValue }
