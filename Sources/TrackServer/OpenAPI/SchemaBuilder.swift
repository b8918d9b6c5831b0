import TrackModel

/// Turns Swift types into JSON Schema (2020-12, as OpenAPI 3.1 uses it); structures become named components.
struct SchemaBuilder {
    private(set) var components: [String: JSONValue] = [:]

    /// The schema of a type: a reference for structures, the thing itself for the rest.
    mutating func schema(of type: Any.Type) -> JSONValue {
        if let described = type as? any SchemaDescribed.Type { return described.schema }
        if let list = type as? any ListType.Type { return ["type": "array", "items": schema(of: list.elementType)] }
        if let table = type as? any TableType.Type { return ["type": "object", "additionalProperties": schema(of: table.valueType)] }
        if let maybe = type as? any MaybeType.Type { return schema(of: maybe.wrappedType) }
        if let choices = type as? any (CaseIterable & RawRepresentable).Type, let words = Self.words(of: choices) {
            return ["type": "string", "enum": .array(words.map { .string($0) })]
        }
        guard let decodable = type as? any Decodable.Type else { return [:] }
        return component(decodable)
    }

    private mutating func component(_ type: any Decodable.Type) -> JSONValue {
        let name = Self.name(of: type)
        if components[name] == nil {
            components[name] = [:]        // ends recursion of types that hold themselves
            components[name] = object(type)
        }
        return ["$ref": .string("#/components/schemas/" + name)]
    }

    /// The schema of a structure itself, with what it holds written out where it can be.
    mutating func inlined(_ type: any Decodable.Type) -> JSONValue { object(type) }

    private mutating func object(_ type: any Decodable.Type) -> JSONValue {
        let recorder = SchemaRecorder()
        guard (try? type.init(from: recorder)) != nil else {
            preconditionFailure("\(type) cannot be described by decoding it from samples; give it a `SchemaDescribed` conformance.")
        }
        var properties: [String: JSONValue] = [:]
        for field in recorder.record.fields {
            let schema = schema(of: field.type)
            properties[field.name] = field.isOptional ? Self.orNull(schema) : schema
        }
        let required = recorder.record.fields.filter { !$0.isOptional }.map { JSONValue.string($0.name) }
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }

    /// What may be left out may also be given as null.
    private static func orNull(_ schema: JSONValue) -> JSONValue {
        guard case .object(var members) = schema, !members.isEmpty else { return schema }
        if case .string(let type)? = members["type"], members["enum"] == nil {
            members["type"] = [.string(type), "null"]
            return .object(members)
        }
        return ["anyOf": [schema, ["type": "null"]]]
    }

    /// `SeriesQuery.Smoothing` is the component `SeriesQuery_Smoothing`: nested names repeat, full ones do not.
    private static func name(of type: Any.Type) -> String {
        String(reflecting: type).split(separator: ".").dropFirst().joined(separator: "_")
    }

    private static func words<Choices: CaseIterable>(of type: Choices.Type) -> [String]? {
        let words = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        return words.isEmpty ? nil : words
    }
}

/// A type whose schema is not that of an object with its coding keys.
protocol SchemaDescribed { static var schema: JSONValue { get } }
extension Bool: SchemaDescribed { static var schema: JSONValue { ["type": "boolean"] } }
extension String: SchemaDescribed { static var schema: JSONValue { ["type": "string"] } }
extension Int: SchemaDescribed { static var schema: JSONValue { ["type": "integer", "format": "int64", "minimum": .integer(.min), "maximum": .integer(.max)] } }
extension Int64: SchemaDescribed { static var schema: JSONValue { Int.schema } }
extension UInt64: SchemaDescribed { static var schema: JSONValue { ["type": "integer", "format": "int64", "minimum": 0, "maximum": .integer(.max)] } }
extension Double: SchemaDescribed {
    static var schema: JSONValue { ["anyOf": [["type": "number", "format": "double"], ["enum": ["NaN", "Infinity", "-Infinity"]]]] }
}
extension JSONValue: SchemaDescribed { static var schema: JSONValue { ["description": "Any JSON value."] } }
extension RunID: SchemaDescribed { static var schema: JSONValue { ["type": "string", "pattern": "^[a-z2-7]{8}$", "example": "ab2cd34e"] } }

private protocol ListType { static var elementType: Any.Type { get } }
extension Array: ListType { fileprivate static var elementType: Any.Type { Element.self } }
private protocol TableType { static var valueType: Any.Type { get } }
extension Dictionary: TableType { fileprivate static var valueType: Any.Type { Value.self } }
private protocol MaybeType { static var wrappedType: Any.Type { get } }
extension Optional: MaybeType { fileprivate static var wrappedType: Any.Type { Wrapped.self } }
