import HTTPSockets
import TrackModel
import TrackStore

/// Projects, their runs and their metrics.
struct ProjectRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/projects", tag: "projects", about: "Lists all projects.", scope: .read,
                      answers: [.json(200, ProjectList.self, "All projects.")]), gives: ProjectList.self, use: list)
        api.add(.init(method: .post, path: "/api/v1/projects", tag: "projects", about: "Makes a project, or answers the one that is there.",
                      scope: .write, body: .json(CreateProject.self), answers: [.json(201, ProjectRecord.self, "The project.")],
                      refusals: [.invalidName]), takes: CreateProject.self, gives: ProjectRecord.self, use: create)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}", tag: "projects", about: "Tells of one project.", scope: .read,
                      answers: [.json(200, ProjectRecord.self, "The project.")]), gives: ProjectRecord.self, use: one)
        api.add(.init(method: .delete, path: "/api/v1/projects/{project}", tag: "projects", about: "Deletes a project with all its runs.",
                      scope: .admin, answers: [.json(200, Freed.self, "What was freed.")]), gives: Freed.self, use: delete)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/runs", tag: "runs",
                      about: "Lists runs: filtered, sorted, a page at a time; never reads history.", scope: .read, query: Self.listParameters,
                      answers: [.json(200, RunsPage.self, "One page.")], refusals: [.invalidFilter]), gives: RunsPage.self, use: runs)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/metrics", tag: "series", about: "Lists what the project's runs have logged.",
                      scope: .read, query: [.list("runs", "Run ids; all runs without it."), .text("filter", "Only of runs that the filter lets through.")],
                      answers: [.json(200, MetricList.self, "The metrics.")], refusals: [.unknownRun, .invalidFilter]), gives: MetricList.self, use: metrics)
        api.add(.init(method: .delete, path: "/api/v1/projects/{project}/bin", tag: "projects", about: "Deletes for ever what is in the project's bin.",
                      scope: .write, query: [.list("runs", "Run ids; all of the bin without it. What is not in the bin stays.")],
                      answers: [.json(200, EmptiedBin.self, "What was freed.")]), gives: EmptiedBin.self, use: emptyBin)
    }

    private static let listParameters: [Endpoint.Parameter] = [
        .text("filter", "The filter language: state = \"running\" and config.lr < 1e-3."),
        .text("sort", "Keys with - for descending, commas between; -createdAt without it."),
        .text("cursor", "nextCursor of the page before."),
        .integer("limit", 1...10_000, "Runs in a page; 100 without it."),
        .list("columns", "Config and summary keys to answer; all without it."),
    ]

    /// `GET /projects`
    func list(_ call: Call) async throws -> ProjectList { ProjectList(projects: try await store.projects()) }

    /// `POST /projects`. Throws `invalid_name`.
    func create(_ call: Call, _ body: CreateProject) async throws -> ProjectRecord {
        try await store.makeProject(body.name, description: body.description)
    }

    /// `GET /projects/{project}`. Throws `unknown_project`.
    func one(_ call: Call) async throws -> ProjectRecord { try await store.project(call.path("project")) }

    /// `DELETE /projects/{project}`. Throws `unknown_project`.
    func delete(_ call: Call) async throws -> Freed { Freed(bytesFreed: try await store.deleteProject(call.path("project"))) }

    /// `GET /projects/{project}/runs`. Throws `unknown_project`, `invalid_filter`, `invalid_parameter`.
    func runs(_ call: Call) async throws -> RunsPage {
        try await store.runs(RunsQuery(
            project: call.path("project"), filter: call.text("filter"), sort: call.text("sort"), cursor: call.text("cursor"),
            limit: try call.integer("limit") ?? 100, columns: call.list("columns")))
    }

    /// `GET /projects/{project}/metrics?runs=a,b`. Throws `unknown_project`, `unknown_run`, `invalid_filter`.
    func metrics(_ call: Call) async throws -> MetricList {
        MetricList(metrics: try await store.metrics(project: call.path("project"), runs: try call.runs(), filter: call.text("filter")))
    }

    /// `DELETE /projects/{project}/bin?runs=a,b`. Throws `unknown_project`.
    func emptyBin(_ call: Call) async throws -> EmptiedBin {
        try await store.emptyBin(of: call.path("project"), runs: try call.runs())
    }
}

struct ProjectList: Codable, Sendable { var projects: [ProjectRecord] }
struct MetricList: Codable, Sendable { var metrics: [MetricRecord] }
struct CreateProject: Codable, Sendable { var name: String; var description: String? }
/// The answer to a deletion that frees space.
struct Freed: Codable, Sendable { var bytesFreed: Int }
