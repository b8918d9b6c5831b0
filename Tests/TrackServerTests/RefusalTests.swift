import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

/// One request that must be refused, and the whole answer.
struct Refusal: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let type: String?
    let body: String
    let status: Int
    let code: String
    let message: String

    /// `RUN` in path and message stands for a run that exists.
    init(_ method: String, _ path: String, type: String? = "application/json", _ body: String, _ status: Int, _ code: String, _ message: String) {
        (self.method, self.path, self.type, self.body, self.status, self.code, self.message) = (method, path, type, body, status, code, message)
    }

    /// Without a body.
    init(_ method: String, _ path: String, _ status: Int, _ code: String, _ message: String) {
        self.init(method, path, "", status, code, message)
    }

    var testDescription: String { "\(method) \(path) \(body.prefix(60)) → \(status) \(code)" }
}

@Suite("Bad requests over a real socket") struct RefusalTests {
    @Test("are answered with a status, a stable code and a sentence, and store nothing") func refusals() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [1, 2]])
            for refusal in Self.all {
                func filled(_ text: String) -> String { text.replacing("RUN", with: run.text) }
                var headers: [String: String] = [:]
                if let type = refusal.type, refusal.method != "GET" { headers["Content-Type"] = type }

                let answer = try await server.client.send(refusal.method, filled(refusal.path), headers: headers, body: Array(refusal.body.utf8))

                #expect(answer.status == refusal.status, "\(refusal.testDescription): got \(answer.status) \(answer.text)")
                #expect(answer.refusal?.code == refusal.code, "\(refusal.testDescription)")
                #expect(answer.refusal?.message == filled(refusal.message), "\(refusal.testDescription)")
                #expect(answer.refusal?.requestId?.isEmpty == false)
                #expect(answer.headers["content-type"] == "application/json")
            }
            let after = try await server.store.run(run)
            #expect(after.rows == 2 && after.points == 2)
        }
    }

    static let all: [Refusal] = runs + batches + reads + service

    static let runs = [
        Refusal("POST", "/api/v1/runs", "{", 400, "invalid_json", "The body is not JSON. Check its quotes, commas and brackets."),
        Refusal("POST", "/api/v1/runs", "", 400, "invalid_json", "The body is empty; JSON is needed."),
        Refusal("POST", "/api/v1/runs", "[]", 400, "invalid_body", "The body cannot be used: the top level is not a Dictionary<String, Any>."),
        Refusal("POST", "/api/v1/runs", "{}", 400, "invalid_body", #"The body cannot be used: "project" is missing at the top level."#),
        Refusal("POST", "/api/v1/runs", #"{"project":7}"#, 400, "invalid_body", #"The body cannot be used: "project" is not a String."#),
        Refusal("POST", "/api/v1/runs", #"{"project":"p","id":"NOPE"}"#, 400, "invalid_body",
                #"The body cannot be used: "id": A run id is 8 characters of a-z and 2-7; got "NOPE"."#),
        Refusal("POST", "/api/v1/runs", type: "text/plain", #"{"project":"p"}"#, 415, "unsupported_media_type",
                #"A body of type "text/plain" is not understood here. Send application/json (curl: -H 'Content-Type: application/json')."#),
        Refusal("POST", "/api/v1/runs", #"{"project":"test","id":"RUN"}"#.replacing("RUN", with: "aaaaaaaa") + "x", 400, "invalid_json",
                "The body is not JSON. Check its quotes, commas and brackets."),
        Refusal("POST", "/api/v1/runs", #"{"project":"p","config":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}", 422, "nesting_too_deep",
                "The body is nested 41 deep; 32 are allowed. Flatten it."),
        Refusal("POST", "/api/v1/runs", #"{"project":"p","resume":"must","id":"zzzzzzzz"}"#, 404, "unknown_run",
                #"There is no run "zzzzzzzz". Create it first with POST /api/v1/runs."#),
        Refusal("GET", "/api/v1/runs/zzzzzzzz", 404, "unknown_run", #"There is no run "zzzzzzzz". Create it first with POST /api/v1/runs."#),
        Refusal("GET", "/api/v1/runs/no", 404, "unknown_run", #"There is no run "no": an id is 8 characters of a-z and 2-7."#),
        Refusal("DELETE", "/api/v1/runs/zzzzzzzz", 404, "unknown_run", #"There is no run "zzzzzzzz". Create it first with POST /api/v1/runs."#),
        Refusal("PATCH", "/api/v1/runs/RUN", #"{"tags":"a"}"#, 400, "invalid_body", #"The body cannot be used: "tags" is not a Array<Any>."#),
        Refusal("POST", "/api/v1/runs/RUN/finish", #"{"state":"done"}"#, 400, "invalid_body",
                #"The body cannot be used: "state": Cannot initialize RunState from invalid String value done."#),
        Refusal("POST", "/api/v1/runs/RUN/heartbeat", #"{"attempt":9}"#, 409, "unknown_attempt",
                "Run RUN has no attempt 9; its latest is 1. Resume the run to begin another."),
        Refusal("GET", "/api/v1/projects/nope", 404, "unknown_project", #"There is no project "nope". Create it, or check the name: GET /api/v1/projects lists all."#),
        Refusal("GET", "/api/v1/projects/nope/runs", 404, "unknown_project", #"There is no project "nope". Create it, or check the name: GET /api/v1/projects lists all."#),
        Refusal("GET", "/api/v1/projects/test/runs?limit=0", 400, "invalid_parameter", #"limit is "0": 1 … 10000 is allowed."#),
        Refusal("GET", "/api/v1/projects/test/runs?limit=ten", 400, "invalid_parameter", #"limit is "ten": a whole number is needed."#),
        Refusal("GET", "/api/v1/projects/test/runs?limt=1", 400, "invalid_parameter",
                #"There is no parameter "limt" here. Known: filter, sort, cursor, limit, columns."#),
    ]

    static let batches = [
        Refusal("POST", "/api/v1/runs/zzzzzzzz/batches", #"{"rows":[]}"#, 404, "unknown_run", #"There is no run "zzzzzzzz". Create it first with POST /api/v1/runs."#),
        Refusal("POST", "/api/v1/runs/RUN/batches", type: BatchCodec.contentType, "TRKB", 422, "invalid_batch",
                "The batch ends inside its header: 40 bytes are needed, 4 are there. Send the batch whole."),
        Refusal("POST", "/api/v1/runs/RUN/batches", type: BatchCodec.contentType, String(repeating: "x", count: 64), 422, "invalid_batch",
                #"This is not a batch: it does not begin with "TRKB". Send JSON as application/json."#),
        Refusal("POST", "/api/v1/runs/RUN/batches", type: "text/csv", "a,b", 415, "unsupported_media_type",
                #"A body of type "text/csv" is not understood here. Send application/json or application/vnd.track.batch (curl: -H 'Content-Type: application/json')."#),
        Refusal("POST", "/api/v1/runs/RUN/batches", #"{"writer":"w","sequence":3,"rows":[{"step":1,"values":{"a":1}}]}"#, 409, "sequence_gap",
                "Batch 3 of writer w came before batch 1. Send 1 first; nothing was stored."),
    ]

    static let reads = [
        Refusal("POST", "/api/v1/series/query", #"{"runs":["RUN"]}"#.replacing("RUN", with: "aaaaaaaa"), 400, "invalid_body",
                #"The body cannot be used: "metrics" is missing at the top level."#),
        Refusal("POST", "/api/v1/series/query", #"{"runs":["aaaaaaaa"],"metrics":["loss"],"bukets":10}"#, 400, "invalid_body",
                #"The body cannot be used: "bukets": there is no such key; known are runs, metrics, x, from, to, buckets, scale, smoothing, group, percentiles, since, columns."#),
        Refusal("POST", "/api/v1/series/query", #"{"runs":["aaaaaaaa"],"metrics":["loss"],"smoothing":{"kind":"ema","amount":0.5,"window":3}}"#, 400, "invalid_body",
                #"The body cannot be used: "smoothing.window": there is no such key; known are kind, amount."#),
        Refusal("POST", "/api/v1/series/query", #"{"runs":["aaaaaaaa"],"metrics":["loss"],"group":{"by":[],"agregate":"mean"}}"#, 400, "invalid_body",
                #"The body cannot be used: "group.agregate": there is no such key; known are by, aggregate, band."#),
        Refusal("GET", "/api/v1/runs/RUN/series", 400, "invalid_parameter", #"The parameter "metric" is missing: A name; repeat the parameter for more."#),
        Refusal("GET", "/api/v1/runs/RUN/series?metric=loss&buckets=0", 400, "invalid_parameter", #"buckets is "0": 1 … 10000 is allowed."#),
        Refusal("GET", "/api/v1/runs/zzzzzzzz/series?metric=loss", 404, "unknown_run", #"There is no run "zzzzzzzz". Create it first with POST /api/v1/runs."#),
        Refusal("GET", "/api/v1/runs/RUN/series?metric=loss&from=x", 400, "invalid_parameter", #"from is "x": a finite number is needed."#),
        Refusal("GET", "/api/v1/runs/RUN/series?metric=loss&scale=cubic", 400, "invalid_parameter", #"scale is "cubic": one of linear, log is needed."#),
        Refusal("GET", "/api/v1/runs/RUN/series?metric=loss&smoothing=ema", 400, "invalid_parameter", #"The parameter "amount" is missing: smoothing needs it."#),
        Refusal("GET", "/api/v1/runs/RUN/histograms/data", 400, "invalid_parameter", #"The parameter "name" is missing: Which histogram."#),
        Refusal("GET", "/api/v1/projects/nope/histograms", 404, "unknown_project", #"There is no project "nope". Create it, or check the name: GET /api/v1/projects lists all."#),
        Refusal("GET", "/api/v1/projects/test/histograms?runs=no", 400, "invalid_parameter", #"runs is "no": a run id is 8 characters of a-z and 2-7."#),
        Refusal("POST", "/api/v1/histograms/query", #"{"runs":["aaaaaaaa"],"names":["w"],"slices":9}"#, 400, "invalid_body",
                #"The body cannot be used: "slices": there is no such key; known are runs, names, from, to, limit, mostRuns."#),
        Refusal("POST", "/api/v1/histograms/query", #"{"runs":[],"names":["w"]}"#, 400, "invalid_parameter", #"runs is "0 runs": it is 1 … 1000."#),
        Refusal("GET", "/api/v1/runs/RUN/logs?limit=99999", 400, "invalid_parameter", #"limit is "99999": 1 … 10000 is allowed."#),
        Refusal("GET", "/api/v1/projects/test/views/nope", 404, "unknown_view", #"There is no view "nope" in this project."#),
        Refusal("PUT", "/api/v1/projects/test/views/v", #"{"name":"a"}"#, 400, "invalid_body", #"The body cannot be used: "state" is missing at the top level."#),
    ]

    static let service = [
        Refusal("GET", "/api/v1/nothing", 404, "unknown_route", "There is nothing at /api/v1/nothing. /api/v1/openapi.json lists what there is."),
        Refusal("GET", "/nothing", 404, "unknown_route", "There is nothing at /nothing. /api/v1/openapi.json lists what there is."),
        Refusal("PUT", "/api/v1/runs/RUN", "{}", 405, "method_not_allowed", "Method PUT is not allowed here. Use GET, PATCH, DELETE, HEAD, OPTIONS."),
        Refusal("DELETE", "/api/v1/keys/nope", 404, "unknown_key", #"There is no key "nope". GET /api/v1/keys lists all."#),
        Refusal("POST", "/api/v1/keys", #"{"name":"k","scope":"root"}"#, 400, "invalid_body",
                #"The body cannot be used: "scope": Cannot initialize KeyScope from invalid String value root."#),
        Refusal("POST", "/api/v1/keys", #"{"name":"k","scope":"read"}"#, 403, "forbidden",
                #"The first key must have the scope "admin", or nobody could make or revoke keys afterwards."#),
        Refusal("POST", "/api/v1/keys", #"{"name":"k","scope":"admin","expiresAt":1}"#, 400, "invalid_parameter",
                #"expiresAt is "1": that is in the past; milliseconds since 1970 are needed."#),
    ]
}
