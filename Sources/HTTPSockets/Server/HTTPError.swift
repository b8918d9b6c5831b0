/// An error that knows its answer.
public protocol HTTPErrorConvertible: Error {
    var status: Status { get }
    /// A stable word for programs, such as `body_too_large`.
    var code: String { get }
    /// What happened, with the value, then what to do; safe to show.
    var message: String { get }
    /// Facts for programs, such as `limit`.
    var details: [String: String] { get }
    /// Header fields of the answer, such as `Allow`.
    var headers: Headers { get }
}

extension HTTPErrorConvertible {
    public var details: [String: String] { [:] }
    public var headers: Headers { [:] }
}

/// Why the server refused a request, or gave up on it.
public enum HTTPError: HTTPErrorConvertible, CustomStringConvertible, Sendable, Equatable {
    case malformedRequest(String)
    case invalidTarget(String)
    case targetTooLong(limit: Int)
    case headersTooLarge(limit: Int)
    case tooManyHeaders(limit: Int)
    case bodyTooLarge(limit: Int)
    /// A compressed body unfolds like a bomb.
    case bodyGrowsTooMuch(ratio: Int)
    case unsupportedCoding(String)
    case unsupportedContentEncoding(String)
    case invalidCompressedBody(String)
    case unsupportedVersion(String)
    case unknownMethod(String)
    case expectationFailed(String)
    case headTimeout(Duration)
    case bodyTooSlow(minimumRate: Int)
    case incompleteBody
    case bodyAlreadyRead
    case tooManyConnections(limit: Int)
    case notFound(path: String)
    case methodNotAllowed(String, allowed: [String])
    case unsupportedMediaType(given: String, accepted: [String])
    case invalidJSON(String)
    case invalidBody(key: String, String)
    case invalidParameter(name: String, String)
    case invalidResponse(String)
    /// The client is gone; never answered.
    case connectionClosed

    public var description: String { message }

    public var status: Status { kind.0 }
    public var code: String { kind.1 }

    private var kind: (Status, String) {
        switch self {
        case .malformedRequest: (.badRequest, "malformed_request")
        case .invalidTarget: (.badRequest, "invalid_target")
        case .targetTooLong: (.uriTooLong, "target_too_long")
        case .headersTooLarge, .tooManyHeaders: (.headerFieldsTooLarge, "headers_too_large")
        case .bodyTooLarge, .bodyGrowsTooMuch: (.contentTooLarge, "body_too_large")
        case .unsupportedCoding: (.notImplemented, "unsupported_transfer_coding")
        case .unsupportedContentEncoding: (.unsupportedMediaType, "unsupported_content_encoding")
        case .invalidCompressedBody: (.badRequest, "invalid_compressed_body")
        case .unsupportedVersion: (.versionNotSupported, "unsupported_version")
        case .unknownMethod: (.notImplemented, "unknown_method")
        case .expectationFailed: (.expectationFailed, "expectation_failed")
        case .headTimeout, .bodyTooSlow: (.requestTimeout, "request_timeout")
        case .incompleteBody: (.badRequest, "incomplete_body")
        case .bodyAlreadyRead, .invalidResponse, .connectionClosed: (.internalServerError, "internal_error")
        case .tooManyConnections: (.serviceUnavailable, "too_many_connections")
        case .notFound: (.notFound, "not_found")
        case .methodNotAllowed: (.methodNotAllowed, "method_not_allowed")
        case .unsupportedMediaType: (.unsupportedMediaType, "unsupported_media_type")
        case .invalidJSON: (.badRequest, "invalid_json")
        case .invalidBody: (.unprocessableContent, "invalid_body")
        case .invalidParameter: (.badRequest, "invalid_parameter")
        }
    }
}
