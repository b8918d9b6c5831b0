/// What a route says about itself: everything that an OpenAPI document needs.
public struct RouteMetadata: Sendable {
    /// A phrase, without a full stop.
    public var summary: String
    public var description: String?
    /// The group that the route is listed under.
    public var tag: String?
    /// Path and query parameters. Path parameters that are not described here are strings.
    public var parameters: [ParameterDescription]
    public var requestBody: BodyDescription?
    /// Answers by status.
    public var responses: [ResponseDescription]
    /// Stable codes of the errors that the route may answer, with the status of each.
    public var errors: [ErrorDescription]
    /// What a key must be allowed, such as `write`; `nil` needs no key.
    public var scope: String?
    /// Whether the route stays out of the document.
    public var isHidden: Bool

    public init(
        summary: String, description: String? = nil, tag: String? = nil, parameters: [ParameterDescription] = [],
        requestBody: BodyDescription? = nil, responses: [ResponseDescription] = [], errors: [ErrorDescription] = [],
        scope: String? = nil, isHidden: Bool = false
    ) {
        self.summary = summary
        self.description = description
        self.tag = tag
        self.parameters = parameters
        self.requestBody = requestBody
        self.responses = responses
        self.errors = errors
        self.scope = scope
        self.isHidden = isHidden
    }
}

/// A path or query parameter.
public struct ParameterDescription: Sendable {
    public enum Place: String, Sendable { case path, query, header }
    public var name: String
    public var place: Place
    public var schema: JSONSchema
    public var isRequired: Bool
    public var description: String

    /// - Parameter isRequired: Path parameters always are.
    public init(_ name: String, in place: Place = .query, _ schema: JSONSchema = .string, isRequired: Bool = false, description: String = "") {
        self.name = name
        self.place = place
        self.schema = schema
        self.isRequired = isRequired || place == .path
        self.description = description
    }
}

/// The body that a route takes: a schema for each media type.
public struct BodyDescription: Sendable {
    public var content: [(mediaType: String, schema: JSONSchema)]
    public var isRequired: Bool
    public var description: String?

    public init(_ schema: JSONSchema, mediaType: String = "application/json", isRequired: Bool = true, description: String? = nil) {
        self.init(content: [(mediaType, schema)], isRequired: isRequired, description: description)
    }

    public init(content: [(mediaType: String, schema: JSONSchema)], isRequired: Bool = true, description: String? = nil) {
        self.content = content
        self.isRequired = isRequired
        self.description = description
    }
}

/// An answer that a route may give.
public struct ResponseDescription: Sendable {
    public var status: Status
    public var description: String
    /// Empty for an answer without a body.
    public var content: [(mediaType: String, schema: JSONSchema)]

    public init(_ status: Status = .ok, _ description: String, _ schema: JSONSchema? = nil, mediaType: String = "application/json") {
        self.init(status, description, content: schema.map { [(mediaType, $0)] } ?? [])
    }

    public init(_ status: Status = .ok, _ description: String, content: [(mediaType: String, schema: JSONSchema)]) {
        self.status = status
        self.description = description
        self.content = content
    }
}

/// An error that a route may answer.
public struct ErrorDescription: Sendable {
    public var status: Status
    public var code: String
    public var description: String

    public init(_ status: Status, _ code: String, _ description: String = "") {
        self.status = status
        self.code = code
        self.description = description
    }
}
