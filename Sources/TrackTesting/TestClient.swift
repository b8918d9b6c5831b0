import Foundation
import TrackModel

/// A small HTTP client for tests: one connection a request, on a thread of its own, so that it never holds up the server it talks to.
public struct TestClient: Sendable {
    public let host: String
    public let port: Int
    /// Sent with every request: `["Authorization": "Bearer trk-…"]`.
    public var headers: [String: String] = [:]

    public init(host: String = "127.0.0.1", port: Int, headers: [String: String] = [:]) {
        (self.host, self.port, self.headers) = (host, port, headers)
    }

    /// This client with a key.
    public func with(key: String) -> TestClient { with("Authorization", "Bearer " + key) }

    /// This client with one more header field.
    public func with(_ name: String, _ value: String) -> TestClient {
        var copy = self
        copy.headers[name] = value
        return copy
    }

    /// Sends a request and reads the whole answer.
    /// - Throws: ``TestClientError`` if nothing can be reached, or what comes back is not HTTP.
    public func send(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []) async throws -> TestResponse {
        var fields = ["Host": "\(host):\(port)", "Connection": "close"].merging(self.headers) { $1 }.merging(headers) { $1 }
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" { fields["Content-Length"] = "\(body.count)" }
        let head = "\(method) \(path) HTTP/1.1\r\n" + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
        let bytes = try await exchange(Array(head.utf8) + body)
        return try TestResponse(bytes, isHead: method == "HEAD")
    }

    /// Sends bytes as they are and reads until the server closes the connection: for requests that no client would send.
    public func exchange(_ bytes: [UInt8]) async throws -> [UInt8] {
        let (host, port) = (host, port)
        return try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: the shared pools are as small as the machine, and the server under test lives on them.
            Thread.detachNewThread {
                continuation.resume(with: Result {
                    let connection = try TestConnection(host: host, port: port)
                    connection.write(bytes)
                    return connection.readToEnd()
                })
            }
        }
    }

    public func get(_ path: String, headers: [String: String] = [:]) async throws -> TestResponse { try await send("GET", path, headers: headers) }

    /// Sends JSON text.
    public func post(_ path: String, _ json: String, headers: [String: String] = [:]) async throws -> TestResponse {
        try await send("POST", path, headers: ["Content-Type": "application/json"].merging(headers) { $1 }, body: Array(json.utf8))
    }

    /// Sends a value as JSON.
    public func send(_ method: String, _ path: String, json value: some Encodable & Sendable) async throws -> TestResponse {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy =
            .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try await send(method, path, headers: ["Content-Type": "application/json"], body: [UInt8](try encoder.encode(value)))
    }

    /// Sends a request and decodes the JSON it is answered with.
    /// - Throws: ``TrackModel/ErrorResponse`` for a refusal.
    public func value<Value: Decodable>(_ method: String, _ path: String, json: (any Encodable & Sendable)? = nil, as type: Value.Type = Value.self) async throws -> Value {
        let response = if let json { try await send(method, path, json: json) } else { try await send(method, path) }
        return try response.decode(type)
    }
}

public enum TestClientError: Error, CustomStringConvertible {
    case unreachable(host: String, port: Int, reason: String)
    case notHTTP(String)

    public var description: String {
        switch self {
        case .unreachable(let host, let port, let reason): "Nothing answers at \(host):\(port): \(reason)."
        case .notHTTP(let start): "What came back is not an HTTP answer: \"\(start)\"."
        }
    }
}
