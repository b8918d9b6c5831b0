/// The name of a run for ever: 8 lower-case base-32 characters, made by the client, so that a run can begin without a server.
///
/// The alphabet is `a…z2…7` (RFC 4648, lower case): 40 random bits, safe in addresses, file names and speech.
public struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible, Codable {
    public let text: String

    /// Makes a new random id.
    public init() { text = randomBase32(length: 8) }

    /// Accepts an id in its written form; `nil` unless it is 8 characters of `a…z2…7`.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        let isValid = text.withUTF8 { bytes in
            bytes.count == 8 && bytes.allSatisfy { $0 &- 97 < 26 || $0 &- 50 < 6 }
        }
        guard isValid else { return nil }
        self.text = text
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = RunID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "A run id is 8 characters of a-z and 2-7; got \"\(text.prefix(40))\".")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
    public static func < (left: RunID, right: RunID) -> Bool { left.text < right.text }
}

/// Random characters of `a…z2…7`, five random bits each; also used for writer ids.
public func randomBase32(length: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    var generator = SystemRandomNumberGenerator()
    return String(decoding: (0..<length).map { _ in alphabet[Int(generator.next() & 31)] }, as: UTF8.self)
}
