import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

/// Every endpoint against its own declaration, so that a new route is checked without a test of its own.
@Suite("What routes declare") struct DeclaredEndpointTests {
    @Test("is checked before their handlers run: parameters that are unknown or not of their kind are refused") func parameters() async throws {
        try await TestServer.run { server async throws in
            var refused = 0
            for endpoint in server.server.endpoints {
                for query in ["nonsense=1"] + endpoint.query.flatMap(Self.wrong) {
                    let answer = try await server.client.send(endpoint.method.rawValue, Self.path(endpoint) + "?" + query)

                    #expect(answer.status == 400 && answer.refusal?.code == "invalid_parameter",
                            "\(endpoint.method) \(endpoint.path)?\(query): \(answer.status) \(answer.text)")
                    refused += 1
                }
            }
            #expect(refused > 60)
        }
    }

    @Test("is checked before their handlers run: bodies that are of another type, broken or too long are refused") func bodies() async throws {
        try await TestServer.run { server async throws in
            var refused = 0
            for endpoint in server.server.endpoints where endpoint.body?.contentTypes.contains(JSONCoding.contentType) == true {
                let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
                for (type, body, status, code) in [("text/plain", "{}", 415, "unsupported_media_type"), ("application/json", "{", 400, "invalid_json"),
                                                   ("application/json; charset=utf-8", "", 400, "invalid_json"), ("application/json", "{}]", 400, "invalid_json"),
                                                   ("application/json", deep, 422, "nesting_too_deep")] {
                    // Batches are scanned, which finds that there is no object before it counts brackets.
                    if body == deep, endpoint.body?.type == nil { continue }
                    let answer = try await server.client.send(endpoint.method.rawValue, Self.path(endpoint), headers: ["Content-Type": type], body: Array(body.utf8))

                    #expect(answer.status == status && answer.refusal?.code == code, "\(endpoint.method) \(endpoint.path) \(body): \(answer.status) \(answer.text)")
                    refused += 1
                }
                let long = "\(endpoint.method) \(Self.path(endpoint)) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: \(endpoint.bodyLimit + 1)\r\n\r\n"
                let answer = String(decoding: try await server.client.exchange(Array(long.utf8)), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("body_too_large"), "\(endpoint.path): \(answer)")
            }
            #expect(refused > 40)
        }
    }

    @Test("is what they answer: status, media type, and 304 where there is a tag") func answers() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [1, 2]])
            let project = try await server.store.run(run).project
            var answered = 0
            for endpoint in server.server.endpoints where endpoint.method == .get && endpoint.path != "/api/v1/events" {
                let required = endpoint.query.filter(\.isRequired).map { "\($0.name)=\($0.name == "by" || $0.name == "key" ? "state" : "loss")" }.joined(separator: "&")
                let path = Self.path(endpoint, run: run.text, project: project) + (required.isEmpty ? "" : "?" + required)
                let answer = try await server.client.get(path)
                if let refusal = answer.refusal {
                    #expect(endpoint.refusals.contains { $0.rawValue == refusal.code }, "\(path): \(refusal.code)")
                    continue
                }
                let declared = endpoint.answers.first { $0.status == answer.status }
                let type = answer.headers["content-type"].map { String($0.prefix { $0 != ";" }) }
                #expect(declared?.body?.contentTypes.contains { $0 == type || $0 == "*/*" } == true, "\(path): \(answer.status) \(type ?? "")")
                #expect(endpoint.answers.contains { $0.status == 304 } == (answer.headers["etag"] != nil), "\(path)")
                if let tag = answer.headers["etag"] {
                    let again = try await server.client.get(path, headers: ["If-None-Match": tag])
                    // Counters may have moved on.
                    #expect(again.status == 304 || again.headers["etag"] != tag, "\(path)")
                }
                answered += 1
            }
            #expect(answered > 15)
        }
    }

    @Test("what changes something is answered in full, whatever tag its caller knows") func changes() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun(logging: ["loss": [1]])
            let answer = try await server.client.post("/api/v1/runs/\(run)/heartbeat", "{}", headers: ["If-None-Match": "*"])

            #expect(answer.status == 200 && answer.headers["etag"] == nil)
        }
    }

    private static func wrong(_ parameter: Endpoint.Parameter) -> [String] {
        let values: [String] = switch parameter.kind {
        case .text, .list: []
        case .number: ["x", "NaN", "1e999"]
        case .choice: ["no-such"]
        case .integer(let range):
            ["x", "1.5", "99999999999999999999"] + (range.lowerBound > .min ? ["\(range.lowerBound - 1)"] : []) + (range.upperBound < .max ? ["\(range.upperBound + 1)"] : [])
        }
        return values.map { parameter.name + "=" + $0 }
    }

    /// A path of names that nothing has, unless they are given.
    private static func path(_ endpoint: Endpoint, run: String = "zzzzzzzz", project: String = "none") -> String {
        endpoint.path.replacing("{run}", with: run).replacing("{project}", with: project)
            .replacing("{digest}", with: String(repeating: "a", count: 64)).replacing(/\{[a-z]+\}/, with: "x")
    }
}
