extension HTTPError {
    public var message: String {
        switch self {
        case .malformedRequest(let fault): "The request is not valid HTTP/1.1: \(fault). The connection is closed."
        case .invalidTarget(let fault): "The request's target is not valid: \(fault)."
        case .targetTooLong(let limit): "The request's target is longer than \(limit) bytes. Send long input in the body."
        case .headersTooLarge(let limit): "The request's headers are larger than \(limit) bytes. Send fewer or shorter ones."
        case .tooManyHeaders(let limit): "The request has more than \(limit) header fields. Send fewer."
        case .bodyTooLarge(.max): "The request's body is larger than any server can take. Send it in parts."
        case .bodyTooLarge(let limit): "The request's body is larger than \(limit) bytes. Send it in parts."
        case .bodyGrowsTooMuch(let ratio): "The compressed body grows more than \(ratio)-fold. Send it in parts, or as it is."
        case .unsupportedCoding(let coding): "Transfer coding “\(coding)” is not known. Send the body with “chunked” or a Content-Length."
        case .unsupportedContentEncoding(let encoding): "Content-Encoding “\(encoding)” is not known. Send the body as it is, or with gzip or deflate."
        case .invalidCompressedBody(let fault): "The compressed body cannot be read: \(fault). Compress it again, or send it as it is."
        case .unsupportedVersion(let version): "Version \(version) is not spoken here. Use HTTP/1.1."
        case .unknownMethod(let method): "Method \(method) is not known here. Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS."
        case .expectationFailed(let expectation): "Expectation “\(expectation)” cannot be met. Send “100-continue” or none."
        case .headTimeout(let limit): "The request's headers were not complete after \(limit). Send them again, faster."
        case .bodyTooSlow(let rate): "The request's body came slower than \(rate) bytes a second. Send it again, faster."
        case .incompleteBody: "The client ended the connection before the body was complete."
        case .bodyAlreadyRead: "The request's body was read twice; a body is a stream and can be read once."
        case .tooManyConnections(let limit): "The server has \(limit) open connections, which is its limit. Try again later."
        case .notFound(let path): "There is nothing at \(path). Check the path."
        case .methodNotAllowed(let method, let allowed): "Method \(method) is not allowed here. Use \(allowed.joined(separator: ", "))."
        case .unsupportedMediaType(let given, let accepted):
            "Content-Type “\(given)” is not accepted here. Send \(accepted.joined(separator: " or "))."
        case .invalidJSON(let fault): "The body is not valid JSON: \(fault)."
        case .invalidBody(let key, let fault): "The body's “\(key)” is not valid: \(fault)."
        case .invalidParameter(let name, let fault): "Parameter “\(name)” is not valid: \(fault)."
        case .invalidResponse(let fault): "The response could not be sent: \(fault)."
        case .connectionClosed: "The client closed the connection."
        }
    }

    public var details: [String: String] {
        switch self {
        case .targetTooLong(let limit), .headersTooLarge(let limit), .tooManyHeaders(let limit), .bodyTooLarge(let limit),
             .tooManyConnections(let limit): ["limit": "\(limit)"]
        case .invalidBody(let key, _): ["key": key]
        case .invalidParameter(let name, _): ["parameter": name]
        case .unsupportedMediaType(_, let accepted): ["accepted": accepted.joined(separator: ", ")]
        default: [:]
        }
    }

    public var headers: Headers {
        switch self {
        case .methodNotAllowed(_, let allowed): ["Allow": allowed.joined(separator: ", ")]
        case .tooManyConnections: ["Retry-After": "1"]
        default: [:]
        }
    }

    /// The answer in plain text: the message of an ``HTTPErrorConvertible``, and nothing of any other error.
    public static func plainResponse(to error: any Error) -> Response {
        guard let known = error as? any HTTPErrorConvertible, known.status.code != 500 else {
            return .text("Something went wrong in the server.\n", status: .internalServerError)
        }
        var response = Response.text(known.message + "\n", status: known.status)
        for field in known.headers { response.headers.add(field.name, field.value) }
        return response
    }
}
