import TrackModel

/// Writes the OpenAPI 3.1 document of a table of endpoints. Pure.
struct OpenAPIDocument {
    let endpoints: [Endpoint]
    let version: String
    /// Where the API is reached: the path prefix behind a proxy, or `/`.
    let serverPath: String

    func make() -> JSONValue {
        var schemas = SchemaBuilder()
        var paths: [String: [String: JSONValue]] = [:]
        for endpoint in endpoints {
            paths[endpoint.path, default: [:]][endpoint.method.rawValue.lowercased()] = operation(endpoint, &schemas)
        }
        _ = schemas.schema(of: ErrorResponse.self)
        return [
            "openapi": "3.1.0",
            "info": ["title": "Track", "version": .string(version), "description": "Runs, rows and series. Prose: docs/api.md.",
                     "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"]],
            "servers": [["url": .string(serverPath)]],
            "tags": .array(tags.map { ["name": .string($0)] }),
            "security": [["key": []], ["session": []], [:]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(schemas.components),
                "securitySchemes": [
                    "key": ["type": "http", "scheme": "bearer", "description": "A key: trk- and 40 characters."],
                    "session": ["type": "apiKey", "in": "cookie", "name": .string(Credentials.cookieName)],
                ],
            ],
        ]
    }

    private var tags: [String] {
        var seen = Set<String>()
        return endpoints.map(\.tag).filter { seen.insert($0).inserted }
    }

    private func operation(_ endpoint: Endpoint, _ schemas: inout SchemaBuilder) -> JSONValue {
        var operation: [String: JSONValue] = [
            "summary": .string(endpoint.about),
            "tags": [.string(endpoint.tag)],
            "operationId": .string(operationID(endpoint)),
            "responses": .object(responses(endpoint, &schemas)),
        ]
        if endpoint.scope == nil { operation["security"] = [[:]] } else { operation["x-scope"] = .string(endpoint.scope!.rawValue) }
        let parameters = pathParameters(endpoint) + endpoint.query.map(parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = endpoint.body {
            operation["requestBody"] = ["required": .bool(body.isRequired), "content": content(body, &schemas), "description": .string(size(endpoint))]
        }
        return .object(operation)
    }

    private func size(_ endpoint: Endpoint) -> String {
        endpoint.bodyLimit == .max ? "Of any size; the store's quota is the limit." : "At most \(endpoint.bodyLimit) bytes, after decompression."
    }

    /// `getRunsRunSeries` for `GET /api/v1/runs/{run}/series`.
    private func operationID(_ endpoint: Endpoint) -> String {
        endpoint.method.rawValue.lowercased() + endpoint.path.replacing(API.prefix, with: "")
            .split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private func pathParameters(_ endpoint: Endpoint) -> [JSONValue] {
        endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            return ["name": .string(name), "in": "path", "required": true,
                    "schema": name == "run" ? RunID.schema : ["type": "string", "minLength": 1]]
        }
    }

    private func parameter(_ parameter: Endpoint.Parameter) -> JSONValue {
        let schema: JSONValue = switch parameter.kind {
        case .text: parameter.isRequired ? ["type": "string", "minLength": 1] : ["type": "string"]
        case .number: ["type": "number"]
        case .integer(let range): ["type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))]
        case .list: ["type": "array", "items": ["type": "string"]]
        case .choice(let choices): ["type": "string", "enum": .array(choices.map { .string($0) })]
        }
        var object: [String: JSONValue] = ["name": .string(parameter.name), "in": "query", "description": .string(parameter.about), "schema": schema]
        if case .list = parameter.kind { object["style"] = "form"; object["explode"] = false }
        if parameter.isRequired { object["required"] = true }
        return .object(object)
    }

    private func responses(_ endpoint: Endpoint, _ schemas: inout SchemaBuilder) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in endpoint.answers {
            var response: [String: JSONValue] = ["description": .string(answer.about)]
            if let body = answer.body { response["content"] = content(body, &schemas) }
            responses["\(answer.status)"] = .object(response)
        }
        for (status, codes) in Dictionary(grouping: codes(endpoint), by: \.status) {
            responses["\(status)"] = [
                "description": .string(codes.map(\.rawValue).sorted().joined(separator: ", ")),
                "content": ["application/json": ["schema": ["$ref": "#/components/schemas/ErrorResponse"]]],
            ]
        }
        return responses
    }

    /// The endpoint's own refusals and those that follow from what it has.
    private func codes(_ endpoint: Endpoint) -> Set<ErrorCode> {
        var codes = Set(endpoint.refusals).union([.badRequest, .invalidParameter, .forbidden, .shuttingDown])
        if endpoint.scope != nil { codes.formUnion([.unauthorized, .rateLimited]) }
        if endpoint.body != nil { codes.formUnion([.invalidJSON, .invalidBody, .bodyTooLarge, .unsupportedMediaType, .nestingTooDeep]) }
        if endpoint.path.contains("{run}") { codes.insert(.unknownRun) }
        if endpoint.path.contains("{project}") { codes.insert(.unknownProject) }
        return codes
    }

    private func content(_ body: Endpoint.Body, _ schemas: inout SchemaBuilder) -> JSONValue {
        var content: [String: JSONValue] = [:]
        for type in body.contentTypes {
            let schema: JSONValue = if type != "application/json" { [:] }
                else if let own = body.schema { own(&schemas) }
                else if let swift = body.type { schemas.schema(of: swift) }
                else { [:] }
            content[type] = ["schema": schema]
        }
        return .object(content)
    }
}
