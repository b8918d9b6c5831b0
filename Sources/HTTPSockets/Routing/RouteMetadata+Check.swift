extension RouteMetadata {
    /// Refuses what the route does not declare, before its handler runs: a handler that reads a declared parameter need not
    /// look at it again, and the document that is made of the declaration cannot lie.
    func check(_ request: Request) throws(HTTPError) {
        for item in request.query.items where !parameters.contains(where: { $0.place == .query && $0.name == item.name }) {
            let known = parameters.filter { $0.place == .query }.map(\.name).joined(separator: ", ")
            throw .invalidParameter(name: item.name, "it is not known here; known are: \(known.isEmpty ? "none" : known)")
        }
        for parameter in parameters {
            let values = parameter.values(in: request)
            if values.isEmpty, parameter.isRequired { throw .invalidParameter(name: parameter.name, "it is missing") }
            for value in values {
                if let fault = parameter.schema.fault(of: value) { throw .invalidParameter(name: parameter.name, fault) }
            }
        }
        try checkBody(request)
    }

    private func checkBody(_ request: Request) throws(HTTPError) {
        guard let requestBody, !request.body.isEmpty, let given = request.headers["content-type"] else { return }
        let type = given.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        let accepted = requestBody.content.map(\.mediaType)
        guard accepted.contains(where: { Headers.equal($0, type) }) else { throw .unsupportedMediaType(given: given, accepted: accepted) }
    }
}

extension ParameterDescription {
    fileprivate func values(in request: Request) -> [String] {
        switch place {
        case .path: request.parameters[name].map { [$0] } ?? []
        case .query: request.query.all(name)
        case .header: request.headers.all(name)
        }
    }
}

extension JSONSchema {
    /// Why a parameter's text is not a value of this schema; `nil` if it is, or if only its handler can tell.
    fileprivate func fault(of text: String) -> String? {
        switch self {
        case .integer(let minimum, let maximum):
            guard let value = Int(text) else { return "“\(text.prefix(80))” is not a whole number" }
            return Self.fault(of: value, minimum, maximum)
        case .number(let minimum, let maximum):
            guard let value = Double(text), value.isFinite else { return "“\(text.prefix(80))” is not a number" }
            return Self.fault(of: value, minimum, maximum)
        case .boolean: return ["true", "false"].contains(text) ? nil : "“\(text.prefix(80))” is neither true nor false"
        case .string(_, _, let minimum, let maximum): return Self.fault(ofLength: text.count, minimum, maximum)
        case .enumeration(let literals):
            let allowed = literals.compactMap(\.text)
            return allowed.contains(text) ? nil : "“\(text.prefix(80))” is not one of \(allowed.joined(separator: ", "))"
        case .annotated(let schema, _, _, _), .nullable(let schema), .named(_, let schema): return schema.fault(of: text)
        case .array(let element, _, _): return text.split(separator: ",").lazy.compactMap { element.fault(of: String($0)) }.first
        case .any, .object, .oneOf, .reference, .binary: return nil
        }
    }

    private static func fault<Value: Comparable>(of value: Value, _ minimum: Value?, _ maximum: Value?) -> String? {
        if let minimum, value < minimum { return "\(value) is less than \(minimum)" }
        if let maximum, value > maximum { return "\(value) is more than \(maximum)" }
        return nil
    }

    private static func fault(ofLength length: Int, _ minimum: Int?, _ maximum: Int?) -> String? {
        if let minimum, length < minimum { return "\(length) characters are fewer than \(minimum)" }
        if let maximum, length > maximum { return "\(length) characters are more than \(maximum)" }
        return nil
    }
}

extension JSONSchema.Literal {
    fileprivate var text: String? {
        switch self {
        case .string(let value): value
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .null: nil
        }
    }
}

extension Request {
    /// A parameter of the path or, if the path has none of that name, the first one of the query.
    public func text(_ name: String) -> String? { parameters[name] ?? query[name] }

    /// A parameter as a whole number; `nil` if it is missing, and never wrong where the route declares it as ``JSONSchema/integer``.
    public func integer(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    /// A parameter as a number; `nil` if it is missing, and never wrong where the route declares it as ``JSONSchema/number``.
    public func number(_ name: String) -> Double? { text(name).flatMap { Double($0) } }
}
