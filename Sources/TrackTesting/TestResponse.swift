import Foundation
public import TrackModel

/// An answer as it came over the wire, chunks put together.
public struct TestResponse: Sendable {
    public let status: Int
    /// Names in lower case; of repeated ones the last.
    public let headers: [String: String]
    public let body: [UInt8]

    /// - Throws: ``TestClientError/notHTTP(_:)``.
    public init(_ bytes: [UInt8], isHead: Bool = false) throws {
        let separator: [UInt8] = [13, 10, 13, 10]
        guard let end = bytes.firstRange(of: separator) else { throw Self.notHTTP(bytes) }
        var lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let parts = lines.removeFirst().split(separator: " ")
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]) else { throw Self.notHTTP(bytes) }
        if status == 100 { self = try TestResponse(Array(bytes[end.upperBound...]), isHead: isHead); return }
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let rest = Array(bytes[end.upperBound...])
        (self.status, self.headers) = (status, headers)
        body = headers["transfer-encoding"] == "chunked" ? Self.dechunk(rest) : rest
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    public func json() throws -> JSONValue { try BatchCodec.makeJSONDecoder().decode(JSONValue.self, from: Data(body)) }

    /// The body as JSON of a type.
    /// - Throws: ``TrackModel/ErrorResponse`` for a refusal.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        let decoder = BatchCodec.makeJSONDecoder()
        if status >= 400, let refusal = try? decoder.decode(ErrorResponse.self, from: Data(body)) { throw refusal }
        return try decoder.decode(type, from: Data(body))
    }

    /// The refusal that was answered; `nil` for any other answer.
    public var refusal: ErrorResponse.Body? {
        status < 400 ? nil : try? BatchCodec.makeJSONDecoder().decode(ErrorResponse.self, from: Data(body)).error
    }

    private static func notHTTP(_ bytes: [UInt8]) -> TestClientError { .notHTTP(String(decoding: bytes.prefix(100), as: UTF8.self)) }

    private static func dechunk(_ bytes: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [], offset = 0
        while let end = bytes[offset...].firstIndex(of: 13), let size = Int(String(decoding: bytes[offset..<end], as: UTF8.self), radix: 16), size > 0,
              end + 2 + size <= bytes.count {
            body += bytes[end + 2..<end + 2 + size]
            offset = end + 2 + size + 2
        }
        return body
    }
}
