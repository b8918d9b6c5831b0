/// The decoded query of a request, in the order of the target; a name may repeat.
public struct Query: Sendable, Hashable {
    /// Names and values, decoded.
    public let items: [(name: String, value: String)]

    /// - Throws: ``HTTPError/invalidTarget(_:)`` for a broken percent-encoding.
    public init(encoded: some Collection<UInt8>) throws(HTTPError) {
        var items: [(name: String, value: String)] = []
        for pair in encoded.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = PercentEncoding.decode(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true)
            let value = PercentEncoding.decode(equals.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...],
                                               plusIsSpace: true)
            guard let name, let value else {
                throw .invalidTarget("the query part “\(String(decoding: pair.prefix(100), as: UTF8.self))” is not percent-encoded UTF-8")
            }
            items.append((name, value))
        }
        self.items = items
    }

    /// - Parameter items: Names and values, not encoded.
    public init(_ items: [(name: String, value: String)] = []) { self.items = items }

    /// The first value of `name`.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of `name`, in order.
    public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    public static func == (left: Query, right: Query) -> Bool {
        left.items.elementsEqual(right.items) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        for item in items { hasher.combine(item.name); hasher.combine(item.value) }
    }
}
