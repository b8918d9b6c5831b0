import Testing
import TrackModel
import TrackTesting
@testable import TrackServer

@Suite("The OpenAPI document") struct OpenAPITests {
    @Test("describes every route, with every path parameter, and nothing else") func complete() async throws {
        try await TestServer.run { server async throws in
            let document = try await server.client.get("/api/v1/openapi.json").json()
            guard case .object(let paths)? = document["paths"] else { Issue.record("no paths"); return }

            let described = Set(paths.flatMap { path, methods -> [String] in
                guard case .object(let operations) = methods else { return [] }
                return operations.keys.map { $0.uppercased() + " " + path }
            })
            #expect(described == Set(server.server.routes.all.map { "\($0.method) \($0.pattern)" }))
            #expect(document["openapi"] == "3.1.0")
            #expect(described.count >= 30)
        }
    }

    @Test("refers only to what it holds") func references() async throws {
        try await TestServer.run { server async throws in
            let document = try await server.client.get("/api/v1/openapi.json").json()
            guard case .object(let schemas)? = document["components"]?["schemas"] else { Issue.record("no schemas"); return }

            let used = Self.references(document)

            #expect(used.count > 20)
            for reference in used { #expect(schemas[String(reference.dropFirst("#/components/schemas/".count))] != nil, "\(reference) leads nowhere") }
            #expect(Set(schemas.keys).subtracting(used.map { String($0.dropFirst("#/components/schemas/".count)) }).isEmpty)
        }
    }

    @Test("and docs/api.md speak of the same routes") func prose() async throws {
        let prose = try Repository.text("docs/api.md")
        try await TestServer.run { server async throws in
            for endpoint in server.server.endpoints {
                let path = endpoint.path.replacing("/api/v1", with: "").replacing("{view}", with: "{id}").replacing("{key}", with: "{id}")
                #expect(prose.contains(path), "docs/api.md does not mention \(endpoint.path)")
                for parameter in endpoint.query { #expect(prose.contains("\(parameter.name)"), "docs/api.md does not mention \(parameter.name) of \(endpoint.path)") }
            }
        }
    }

    private static func references(_ value: JSONValue) -> Set<String> {
        switch value {
        case .object(let members):
            var found = members.values.reduce(into: Set<String>()) { $0.formUnion(references($1)) }
            if case .string(let reference)? = members["$ref"] { found.insert(reference) }
            return found
        case .array(let values): return values.reduce(into: []) { $0.formUnion(references($1)) }
        default: return []
        }
    }
}
