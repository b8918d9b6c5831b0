/// Header fields in order; names compare without case.
///
/// Fields of a received request are kept as bytes and become strings when read.
public struct Headers: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    private enum Storage: Sendable {
        case received(RequestHead)
        case list([(name: String, value: String)])
    }
    private var storage: Storage

    public init() { storage = .list([]) }

    public init(dictionaryLiteral elements: (String, String)...) {
        storage = .list(elements.map { (name: $0.0, value: $0.1) })
    }

    /// - Parameter fields: Names and values, in order; a name may repeat.
    public init(_ fields: [(name: String, value: String)]) { storage = .list(fields) }

    init(_ head: RequestHead) { storage = .received(head) }

    /// The first value of `name`; setting replaces all its values, or removes them with `nil`.
    /// - Complexity: O(number of fields).
    public subscript(name: String) -> String? {
        get {
            switch storage {
            case .received(let head): head.value(of: name)
            case .list(let fields): fields.first { Self.equal($0.name, name) }?.value
            }
        }
        set {
            var fields = self.fields
            let place = fields.firstIndex { Self.equal($0.name, name) }
            fields.removeAll { Self.equal($0.name, name) }
            if let newValue { fields.insert((name, newValue), at: place ?? fields.count) }
            storage = .list(fields)
        }
    }

    /// Whether the first value of `name` is this one, letter for letter; makes no string of it.
    /// - Complexity: O(number of fields).
    public func says(_ name: String, _ value: String) -> Bool {
        switch storage {
        case .received(let head): head.says(name, value)
        case .list: self[name] == value
        }
    }

    /// All values of `name`, in order.
    public func all(_ name: String) -> [String] { fields.filter { Self.equal($0.name, name) }.map(\.value) }

    /// The elements of the comma-separated lists of `name`, trimmed.
    public func list(_ name: String) -> [String] {
        all(name).flatMap { $0.split(separator: ",") }
            .map { String($0.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
            .filter { !$0.isEmpty }
    }

    /// Adds a field and keeps those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        var fields = self.fields
        storage = .list([])
        fields.append((name, value))
        storage = .list(fields)
    }

    /// Names and values, in order.
    public var fields: [(name: String, value: String)] {
        switch storage {
        case .received(let head): head.allFields
        case .list(let fields): fields
        }
    }

    /// Whether a proxy says that it passed the request on.
    var areForwarded: Bool {
        switch storage {
        case .received(let head): head.isForwarded
        case .list: ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"].contains { self[$0] != nil }
        }
    }

    public var isEmpty: Bool { count == 0 }
    public var count: Int {
        switch storage {
        case .received(let head): head.fieldCount
        case .list(let fields): fields.count
        }
    }

    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> { fields.makeIterator() }

    static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { Byte.lowercased($0) == Byte.lowercased($1) }
    }
}
