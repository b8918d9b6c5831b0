/// A JSON value, as configs, explicit summaries and saved views hold them. Integers stay integers.
///
/// Numbers that JSON cannot write travel as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null }
        else if let value = try? container.decode(Bool.self) { self = .bool(value) }
        else if let value = try? container.decode(Int64.self) { self = .integer(value) }
        else if let value = try? container.decode(Double.self) { self = .number(value) }
        else if let value = try? container.decode(String.self) { self = .string(value) }
        else if let value = try? container.decode([JSONValue].self) { self = .array(value) }
        else { self = .object(try container.decode([String: JSONValue].self)) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value):
            if let word = nonFiniteWord(value) { try container.encode(word) } else { try container.encode(value) }
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}

extension JSONValue {
    /// Reads JSON text, some twenty times as fast as `JSONDecoder`; `nil` if it is not JSON, or nested deeper than 512 levels.
    public init?(text: String) {
        var text = text
        let value = text.withUTF8 { bytes -> JSONValue? in
            var cursor = JSONCursor(bytes)
            guard let value = try? cursor.value(depth: 0, limit: 512) else { return nil }
            cursor.skipSpace()
            return cursor.offset == cursor.count ? value : Optional.none       // a bare nil would be JSON's null
        }
        guard let value else { return nil }
        self = value
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements) { _, last in last }) }
}

extension JSONValue {
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The value as a number, also of a word for a non-finite one.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .string(let word): nonFiniteValue(word)
        default: nil
        }
    }

    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    /// How deep arrays and objects are nested: 0 for a plain value.
    public var depth: Int {
        switch self {
        case .array(let values): 1 + (values.map(\.depth).max() ?? 0)
        case .object(let members): 1 + (members.values.map(\.depth).max() ?? 0)
        default: 0
        }
    }

    /// Plain values under dotted keys, as search and the runs table use them: `{"a":{"b":1}}` gives `a.b` → 1. Arrays stay whole.
    public func flattened() -> [String: JSONValue] {
        var flat: [String: JSONValue] = [:]
        func walk(_ value: JSONValue, _ path: String) {
            guard case .object(let members) = value, !(members.isEmpty && !path.isEmpty) else {
                if !path.isEmpty { flat[path] = value }
                return
            }
            for (key, member) in members { walk(member, path.isEmpty ? key : path + "." + key) }
        }
        walk(self, "")
        return flat
    }

    /// The value with `changes` laid over it: objects are merged key by key, everything else is replaced.
    public func merging(_ changes: JSONValue) -> JSONValue {
        guard case .object(let old) = self, case .object(let new) = changes else { return changes }
        return .object(old.merging(new) { $0.merging($1) })
    }
}

/// The word that stands for a non-finite number in JSON; `nil` for finite ones.
public func nonFiniteWord(_ value: Double) -> String? {
    if value.isFinite { return nil }
    return value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
}

/// The number a word stands for: `NaN`, `Infinity`, `+Infinity`, `-Infinity`; `nil` for any other word.
public func nonFiniteValue(_ word: String) -> Double? {
    switch word {
    case "NaN": .nan
    case "Infinity", "+Infinity": .infinity
    case "-Infinity": -.infinity
    default: nil
    }
}
