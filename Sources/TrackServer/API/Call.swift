import HTTPSockets
import TrackModel

/// One request on its way through a handler: who calls, and typed access to what was sent.
struct Call: Sendable {
    let request: Request
    let access: Access
    let endpoint: Endpoint

    /// The run of `{run}` in the path.
    /// - Throws: `unknown_run` for what can be no id: such a run cannot exist.
    func run() throws(APIError) -> RunID { try Self.run(path("run")) }

    /// - Throws: `unknown_run` for what can be no id.
    static func run(_ text: String) throws(APIError) -> RunID {
        guard let id = RunID(text) else {
            throw APIError(.unknownRun, "There is no run \"\(text.prefix(80))\": an id is 8 characters of a-z and 2-7.")
        }
        return id
    }

    /// The runs of the parameter `runs`; `nil` if it is not there.
    func runs() throws(APIError) -> [RunID]? {
        try list("runs")?.map { (text) throws(APIError) in
            guard let id = RunID(text) else { throw Self.invalid("runs", text, "a run id is 8 characters of a-z and 2-7") }
            return id
        }
    }

    /// The value of `{name}` in the path.
    func path(_ name: String) -> String { request.parameters[name] ?? "" }

    func text(_ name: String) -> String? { request.query[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The parts between commas; `nil` if the parameter is not there.
    func list(_ name: String) -> [String]? {
        request.query[name].map { $0.split(separator: ",").map(String.init) }
    }

    func integer(_ name: String) throws(APIError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text) else { throw Self.invalid(name, text, "a whole number is needed") }
        return value
    }

    func number(_ name: String) throws(APIError) -> Double? {
        guard let text = text(name) else { return nil }
        guard let value = Double(text), value.isFinite else { throw Self.invalid(name, text, "a finite number is needed") }
        return value
    }

    /// The body as JSON of a type of `TrackModel`.
    func body<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        try requireJSON()
        return try JSONCoding.decode(type, from: try await bytes())
    }

    /// The whole body, at most the endpoint's limit.
    func bytes() async throws -> [UInt8] { try await request.body.collect(upTo: endpoint.bodyLimit) }

    /// Whether the caller asks for this media type by name.
    func accepts(_ type: String) -> Bool {
        request.headers.list("Accept").contains { $0.split(separator: ";").first.map { $0 == type } ?? false }
    }

    /// The media type of the body, without parameters, in lower case.
    var contentType: String? {
        guard let field = request.headers["Content-Type"] else { return nil }
        if field == BatchCodec.contentType || field == JSONCoding.contentType { return field }
        return field.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " && $0 != "\t" } }
    }

    func requireJSON() throws(APIError) {
        guard let given = contentType, given != JSONCoding.contentType else { return }
        throw unsupported(given, allowed: [JSONCoding.contentType])
    }

    func unsupported(_ given: String, allowed: [String]) -> APIError {
        APIError(.unsupportedMediaType,
                 "A body of type \"\(given.prefix(80))\" is not understood here. Send \(allowed.joined(separator: " or ")) (curl: -H 'Content-Type: \(allowed[0])').",
                 details: ["given": .string(String(given.prefix(80))), "allowed": .array(allowed.map { .string($0) })])
    }

    /// Refuses parameters that the endpoint does not know or whose values it cannot take, and required ones that are missing:
    /// a handler that runs finds them as declared.
    func checkQuery() throws(APIError) {
        for (name, value) in request.query.items {
            guard let parameter = endpoint.query.first(where: { $0.name == name }) else {
                let known = endpoint.query.map(\.name).joined(separator: ", ")
                throw APIError(.invalidParameter, "There is no parameter \"\(name.prefix(80))\" here. Known: \(known.isEmpty ? "none" : known).",
                               details: ["parameter": .string(String(name.prefix(80)))])
            }
            try parameter.check(value)
        }
        for parameter in endpoint.query where parameter.isRequired && request.query[parameter.name]?.isEmpty ?? true {
            throw APIError(.invalidParameter, "The parameter \"\(parameter.name)\" is missing: \(parameter.about)", details: ["parameter": .string(parameter.name)])
        }
    }

    static func invalid(_ name: String, _ value: String, _ reason: String) -> APIError {
        APIError(.invalidParameter, "\(name) is \"\(value.prefix(80))\": \(reason).", details: ["parameter": .string(name)])
    }
}
