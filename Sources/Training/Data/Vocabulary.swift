/// Values numbered in the order of their first appearance: turns folder names into classes and classes into names.
public struct Vocabulary<Value: Hashable & Sendable>: Sendable {
    /// Number → value.
    public let values: [Value]
    private let numbers: [Value: Int]

    /// Numbers the values that differ, from 0, in the order of their first appearance. O(values).
    public init(_ values: some Sequence<Value>) {
        var seen: [Value: Int] = [:], ordered: [Value] = []
        for value in values where seen[value] == nil {
            seen[value] = ordered.count
            ordered.append(value)
        }
        (self.values, numbers) = (ordered, seen)
    }

    /// How many values differ.
    public var count: Int { values.count }

    /// The value of a number.
    public subscript(number: Int) -> Value { values[number] }

    /// The number of a value.
    /// - Throws: ``DataError/unknownValue(_:known:)`` with the first few known values.
    public func number(of value: Value) throws -> Int {
        guard let number = numbers[value] else {
            throw DataError.unknownValue("\(value)", known: values.prefix(10).map { "\($0)" })
        }
        return number
    }
}
