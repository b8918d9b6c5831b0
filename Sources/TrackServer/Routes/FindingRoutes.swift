import HTTPSockets
import TrackHealth
import TrackModel
import TrackStore

/// What is wrong with runs, and what nobody wants to hear of it.
struct FindingRoutes {
    let store: any HealthStore
    let monitor: HealthMonitor

    func register(on api: inout API) {
        api.add(.init(method: .get, path: "/api/v1/runs/{run}/findings", tag: "health", about: "Lists what rules found in the run, newest first.", scope: .read,
                      answers: [.json(200, FindingList.self, "The findings.")], refusals: [.unknownRun]), gives: FindingList.self, use: ofRun)
        api.add(.init(method: .get, path: "/api/v1/projects/{project}/findings", tag: "health", about: "Lists what was found lately in the project's runs.", scope: .read,
                      query: [.integer("limit", 1...1_000, "How many; 100 if left out.")], answers: [.json(200, FindingList.self, "The findings.")],
                      refusals: [.unknownProject]), gives: FindingList.self, use: ofProject)
        let metric = Endpoint.Parameter.text("metric", "In this metric only; in all if left out.")
        for (method, muted) in [(Method.put, true), (.delete, false)] {
            let about = muted ? "Counts findings of a kind no longer" : "Counts findings of a kind again"
            let done = Endpoint.Answer.empty(204, "Done, also if it was so before.")
            api.add(.init(method: method, path: "/api/v1/runs/{run}/mutes/{kind}", tag: "health", about: "\(about), in one run.", scope: .write, query: [metric],
                          answers: [done], refusals: [.unknownRun])) { call in
                try await store.mute(kind(call), metric: call.text("metric") ?? "", in: call.run(), muted)
                return Response(status: .noContent, headers: [:], body: .empty)
            }
            api.add(.init(method: method, path: "/api/v1/projects/{project}/mutes/{kind}", tag: "health", about: "\(about), in all runs of a project.", scope: .write,
                          query: [metric], answers: [done], refusals: [.unknownProject])) { call in
                try await store.mute(kind(call), metric: call.text("metric") ?? "", project: call.path("project"), muted)
                return Response(status: .noContent, headers: [:], body: .empty)
            }
        }
    }

    /// `GET /runs/{run}/findings`. Throws `unknown_run`.
    func ofRun(_ call: Call) async throws -> FindingList {
        let run = try call.run()
        let complete = await monitor.settle(run)
        return FindingList(findings: try await store.findings(run).map { $0.explained }, complete: complete)
    }

    /// `GET /projects/{project}/findings`. Throws `unknown_project`.
    func ofProject(_ call: Call) async throws -> FindingList {
        let complete = monitor.counters.waiting == 0
        let findings = try await store.findings(project: call.path("project"), limit: call.integer("limit") ?? 100)
        return FindingList(findings: findings.map { $0.explained }, complete: complete)
    }

    private func kind(_ call: Call) throws -> FindingKind {
        guard let kind = FindingKind(rawValue: call.path("kind")) else {
            throw Call.invalid("kind", call.path("kind"), "one of \(FindingKind.allCases.map(\.rawValue).joined(separator: ", ")) is needed")
        }
        return kind
    }
}

extension FindingRecord {
    /// With the words of its rule.
    fileprivate var explained: FindingRecord {
        let words = FindingWords(kind)
        var record = self
        (record.title, record.why, record.advice, record.rule) = (words.title(of: metric), words.why, words.advice, words.rule)
        return record
    }
}
