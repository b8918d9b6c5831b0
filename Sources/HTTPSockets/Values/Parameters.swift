/// The path parameters of a matched route, decoded.
public struct Parameters: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private let names: [String]
    private let values: [String]

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(names: elements.map(\.0), values: elements.map(\.1))
    }

    /// The value of `{name}` in the route's pattern; `nil` if the pattern has no such name.
    public subscript(name: String) -> String? {
        names.firstIndex(of: name).map { values[$0] }
    }

    /// Names and values in the order of the pattern.
    public var all: [(name: String, value: String)] { Array(zip(names, values)).map { (name: $0.0, value: $0.1) } }
}
