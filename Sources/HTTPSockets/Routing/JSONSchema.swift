/// A JSON Schema (draft 2020-12) as a value: what OpenAPI 3.1 uses to describe bodies and parameters.
public indirect enum JSONSchema: Sendable {
    /// A JSON literal, for defaults, examples and enumerations.
    public enum Literal: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
        case string(String), integer(Int), number(Double), boolean(Bool), null
        public init(stringLiteral value: String) { self = .string(value) }
        public init(integerLiteral value: Int) { self = .integer(value) }
        public init(floatLiteral value: Double) { self = .number(value) }
        public init(booleanLiteral value: Bool) { self = .boolean(value) }
    }

    case any
    case string(format: String? = nil, pattern: String? = nil, minLength: Int? = nil, maxLength: Int? = nil)
    case integer(minimum: Int? = nil, maximum: Int? = nil)
    case number(minimum: Double? = nil, maximum: Double? = nil)
    case boolean
    case array(JSONSchema, minItems: Int? = nil, maxItems: Int? = nil)
    /// Properties in order; those not in `required` may be missing.
    case object([(name: String, schema: JSONSchema)], required: [String] = [], additional: JSONSchema? = nil)
    case enumeration([Literal])
    case oneOf([JSONSchema])
    case nullable(JSONSchema)
    /// A schema with a name of its own: written once, under `components/schemas`, and referred to.
    case named(String, JSONSchema)
    /// A reference to a named schema, which may be recursive.
    case reference(String)
    case annotated(JSONSchema, description: String? = nil, defaultValue: Literal? = nil, example: Literal? = nil)
    /// Raw bytes, such as an upload.
    case binary

    public static var string: JSONSchema { .string() }
    public static var integer: JSONSchema { .integer() }
    public static var number: JSONSchema { .number() }

    public func described(_ description: String, defaultValue: Literal? = nil, example: Literal? = nil) -> JSONSchema {
        .annotated(self, description: description, defaultValue: defaultValue, example: example)
    }
}

/// A type that knows its schema.
public protocol JSONSchemaDescribed {
    static var jsonSchema: JSONSchema { get }
}
