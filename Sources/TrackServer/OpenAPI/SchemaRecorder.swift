import TrackModel

/// Finds out which keys a `Decodable` type reads, and of which types, by letting it decode from a decoder that answers everything with a sample.
///
/// So the OpenAPI document cannot disagree with the types: there is no second description to forget.
struct SchemaRecorder: Decoder {
    final class Record { var fields: [(name: String, type: Any.Type, isOptional: Bool)] = [] }
    let record = Record()
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed<Key>(record: record))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "A type that reads arrays by hand needs a schema of its own."))
    }
    func singleValueContainer() -> any SingleValueDecodingContainer { Single() }

    /// A value of a type, whichever, so that the type's initialiser goes on to its next key.
    static func sample<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let sampled = type as? any Sampled.Type, let value = sampled.sample as? Value { return value }
        if let choices = type as? any CaseIterable.Type, let value = first(of: choices) as? Value { return value }
        return try Value(from: SchemaRecorder())
    }

    private static func first<Choices: CaseIterable>(of type: Choices.Type) -> Any? { type.allCases.first }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let record: Record
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }
        func contains(_ key: Key) -> Bool { true }

        func decodeNil(forKey key: Key) -> Bool { true }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            record.fields.append((key.stringValue, type, false))
            return try sample(type)
        }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            record.fields.append((key.stringValue, type, true))
            return nil
        }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedDecodingContainer<Nested> {
            KeyedDecodingContainer(Keyed<Nested>(record: Record()))
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try SchemaRecorder().unkeyedContainer() }
        func superDecoder() -> any Decoder { SchemaRecorder() }
        func superDecoder(forKey key: Key) -> any Decoder { SchemaRecorder() }
    }

    struct Single: SingleValueDecodingContainer {
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { false }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try sample(type) }
    }
}

/// Types of which the recorder needs a value and that cannot be built by decoding nothing.
protocol Sampled { static var sample: Any { get } }
extension Bool: Sampled { static var sample: Any { false } }
extension String: Sampled { static var sample: Any { "" } }
extension Double: Sampled { static var sample: Any { 0.0 } }
extension Int: Sampled { static var sample: Any { 0 } }
extension Int64: Sampled { static var sample: Any { Int64(0) } }
extension UInt64: Sampled { static var sample: Any { UInt64(0) } }
extension Array: Sampled { static var sample: Any { [Element]() } }
extension Dictionary: Sampled { static var sample: Any { [Key: Value]() } }
extension JSONValue: Sampled { static var sample: Any { JSONValue.null } }
extension RunID: Sampled { static var sample: Any { RunID() } }
