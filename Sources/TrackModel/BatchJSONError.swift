/// Why a JSON body is not a batch. The server answers `invalid_json` or `invalid_batch` and stores nothing.
public struct BatchJSONError: Error, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The bytes are not JSON.
        case syntax
        /// They are JSON, but not a batch.
        case content
        /// Nested deeper than the limit.
        case nesting(given: Int, limit: Int)
        /// A metric's name is empty or too long.
        case name
    }

    public var kind: Kind
    /// Where the body fails, in bytes from its start.
    public var offset: Int
    /// What is wrong there, as half a sentence.
    public var reason: String

    public init(_ kind: Kind, at offset: Int, _ reason: String) { (self.kind, self.offset, self.reason) = (kind, offset, reason) }

    public var description: String { "The body fails at byte \(offset): \(reason). Nothing was stored." }
}
