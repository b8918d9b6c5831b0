import HTTPSockets
import TrackModel

/// The document that describes all other routes, made from the same table.
struct OpenAPIRoutes {
    let serverPath: String

    /// Must come after all other routes: it describes what stands in the table, itself included.
    func register(on api: inout API) {
        let own = Endpoint(method: .get, path: "/api/v1/openapi.json", tag: "service", about: "This document.", scope: nil,
                           answers: [.init(status: 200, about: "OpenAPI 3.1.", body: .json(JSONValue.self)), .unchanged])
        let document = OpenAPIDocument(endpoints: api.endpoints + [own], version: Version.current, serverPath: serverPath.isEmpty ? "/" : serverPath)
        let bytes = Lazy { try JSONCoding.encode(document.make()) }
        api.add(own) { .entity(try bytes.value(), type: JSONCoding.contentType, for: $0.request) }
    }
}
