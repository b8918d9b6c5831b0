import TrackModel

/// A refusal as it leaves the server: a stable code, a sentence that says what to do, and facts for programs.
struct APIError: Error, Equatable, CustomStringConvertible {
    var code: ErrorCode
    var message: String
    var details: [String: JSONValue] = [:]
    /// Seconds after which trying again makes sense.
    var retryAfter: Int?
    /// For 405: what is allowed.
    var allow: String?
    /// What the server itself could not do is logged with its cause; the caller sees only the sentence.
    var cause: String?
    /// Differs from the code's usual status only for refusals of the HTTP layer (408, 414, 431, …).
    var status: Int

    init(
        _ code: ErrorCode, _ message: String, details: [String: JSONValue] = [:], retryAfter: Int? = nil,
        cause: String? = nil, status: Int? = nil
    ) {
        (self.code, self.message, self.details) = (code, message, details)
        (self.retryAfter, self.cause, self.status) = (retryAfter, cause, status ?? code.status)
    }

    var description: String { "\(status) \(code.rawValue): \(message)" }

    /// The one shape of every error answer.
    func body(requestID: String?) -> ErrorResponse {
        ErrorResponse(code: code.rawValue, message: message, details: details.isEmpty ? nil : details, requestId: requestID)
    }
}
