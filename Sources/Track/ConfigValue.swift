public import TrackModel

/// What a config or an explicit summary may hold: numbers, words, Booleans, and arrays and dictionaries of them.
public protocol ConfigValue {
    /// The value as it is sent.
    var jsonValue: JSONValue { get }
    /// Reads the value back; `nil` if it is of another kind.
    init?(jsonValue: JSONValue)
}

extension JSONValue: ConfigValue {
    public var jsonValue: JSONValue { self }
    public init?(jsonValue: JSONValue) { self = jsonValue }
}

extension String: ConfigValue {
    public var jsonValue: JSONValue { .string(self) }
    public init?(jsonValue: JSONValue) {
        guard case .string(let value) = jsonValue else { return nil }
        self = value
    }
}

extension Bool: ConfigValue {
    public var jsonValue: JSONValue { .bool(self) }
    public init?(jsonValue: JSONValue) {
        guard case .bool(let value) = jsonValue else { return nil }
        self = value
    }
}

extension ConfigValue where Self: BinaryInteger {
    public var jsonValue: JSONValue { Int64(exactly: self).map { .integer($0) } ?? .number(Double(self)) }
    public init?(jsonValue: JSONValue) {
        guard case .integer(let value) = jsonValue else { return nil }
        self.init(exactly: value)
    }
}

extension Int: ConfigValue {}
extension Int32: ConfigValue {}
extension Int64: ConfigValue {}
extension UInt: ConfigValue {}
extension UInt32: ConfigValue {}
extension UInt64: ConfigValue {}

extension Double: ConfigValue {
    public var jsonValue: JSONValue { .number(self) }
    public init?(jsonValue: JSONValue) {
        guard let value = jsonValue.doubleValue else { return nil }
        self = value
    }
}

/// Written with the fewest digits that give the same `Float`: `0.1`, not `0.10000000149011612`.
extension Float: ConfigValue {
    public var jsonValue: JSONValue { .number(Double("\(self)") ?? Double(self)) }
    public init?(jsonValue: JSONValue) {
        guard let value = jsonValue.doubleValue else { return nil }
        self.init(value)
    }
}

extension Optional: ConfigValue where Wrapped: ConfigValue {
    public var jsonValue: JSONValue { self?.jsonValue ?? .null }
    public init?(jsonValue: JSONValue) {
        self = Wrapped(jsonValue: jsonValue)
    }
}

extension Array: ConfigValue where Element: ConfigValue {
    public var jsonValue: JSONValue { .array(map(\.jsonValue)) }
    public init?(jsonValue: JSONValue) {
        guard case .array(let values) = jsonValue else { return nil }
        let read = values.compactMap(Element.init(jsonValue:))
        guard read.count == values.count else { return nil }
        self = read
    }
}

extension Dictionary: ConfigValue where Key == String, Value: ConfigValue {
    public var jsonValue: JSONValue { .object(mapValues(\.jsonValue)) }
    public init?(jsonValue: JSONValue) {
        guard case .object(let members) = jsonValue else { return nil }
        let read = members.compactMapValues(Value.init(jsonValue:))
        guard read.count == members.count else { return nil }
        self = read
    }
}
