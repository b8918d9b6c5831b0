import Foundation
import TrackModel

/// How JSON is written and read at the edge: camelCase as the types spell it, non-finite numbers as words, no escaped slashes.
enum JSONCoding {
    static let contentType = "application/json"

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy =
            .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return [UInt8](try encoder.encode(value))
    }

    /// - Throws: `invalid_json` or `invalid_body`.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        guard !bytes.isEmpty else { throw APIError(.invalidJSON, "The body is empty; JSON is needed.") }
        if let depth = nesting(of: bytes), depth > BatchLimits().nesting {
            throw APIError(.nestingTooDeep, "The body is nested \(depth) deep; \(BatchLimits().nesting) are allowed. Flatten it.",
                           details: ["given": .integer(Int64(depth)), "limit": .integer(Int64(BatchLimits().nesting))])
        }
        return try BatchCodec.makeJSONDecoder().decode(type, from: Data(bytes))
    }

    /// How deep brackets are nested, found before a recursive parser sees them; `nil` when they do not even close.
    static func nesting(of bytes: [UInt8]) -> Int? {
        var depth = 0, deepest = 0, inString = false, escaped = false
        for byte in bytes {
            if inString {
                if escaped { escaped = false } else if byte == 0x5C { escaped = true } else if byte == 0x22 { inString = false }
                continue
            }
            switch byte {
            case 0x22: inString = true
            case 0x7B, 0x5B: depth += 1; deepest = max(deepest, depth)
            case 0x7D, 0x5D: depth -= 1
            default: break
            }
        }
        return deepest
    }
}
