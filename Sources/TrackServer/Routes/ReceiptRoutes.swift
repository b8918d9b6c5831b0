import HTTPSockets
import TrackModel
import TrackStore

/// Who wrote a run, what was stored of each, and what each said of its delivery.
struct ReceiptRoutes {
    let store: any Store

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/writers", tag: "runs", about: "Lists the processes that wrote the run, with their delivery receipts.",
                      scope: .read, answers: [.json(200, WriterList.self, "The writers.")]), gives: WriterList.self, use: writers)
        api.add(.init(method: .put, path: "/api/v1/runs/{run}/receipts/{writer}", tag: "runs", about: "Keeps a writer's delivery receipt.", scope: .write,
                      body: .init(type: nil, schema: { _ in ["type": "object"] }), answers: [.json(200, RunRecord.self, "The run.")], refusals: [.invalidName], bodyLimit: 64 << 10),
                takes: JSONValue.self, gives: RunRecord.self, use: keep)
    }

    /// `GET /runs/{run}/writers`. Throws `unknown_run`.
    func writers(_ call: Call) async throws -> WriterList { WriterList(writers: try await store.writers(call.run())) }

    /// `PUT /runs/{run}/receipts/{writer}`. Throws `unknown_run`, `invalid_name`, `invalid_parameter`.
    func keep(_ call: Call, _ receipt: JSONValue) async throws -> RunRecord {
        try await store.keepReceipt(receipt, of: call.path("writer"), run: call.run())
    }
}
