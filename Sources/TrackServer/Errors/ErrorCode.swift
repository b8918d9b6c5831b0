/// The stable names of refusals. Programs compare them, so they never change; `docs/api.md` lists all.
enum ErrorCode: String, Sendable, CaseIterable {
    case invalidJSON = "invalid_json"
    case invalidBody = "invalid_body"
    case invalidParameter = "invalid_parameter"
    case invalidFilter = "invalid_filter"
    case badRequest = "bad_request"
    case unauthorized, forbidden
    case unknownProject = "unknown_project"
    case unknownRun = "unknown_run"
    case unknownMetric = "unknown_metric"
    case unknownKey = "unknown_key"
    case unknownView = "unknown_view"
    case unknownBlob = "unknown_blob"
    case unknownCommand = "unknown_command"
    case unknownRoute = "unknown_route"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case runExists = "run_exists"
    case notRunning = "not_running"
    case notListening = "not_listening"
    case commandEnded = "command_ended"
    case undeclaredValue = "undeclared_value"
    case unacceptableValue = "unacceptable_value"
    case sequenceGap = "sequence_gap"
    case unknownAttempt = "unknown_attempt"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalidBatch = "invalid_batch"
    case invalidName = "invalid_name"
    case tooManyMetrics = "too_many_metrics"
    case nestingTooDeep = "nesting_too_deep"
    case rateLimited = "rate_limited"
    case overloaded
    case shuttingDown = "shutting_down"
    case digestMismatch = "digest_mismatch"
    case quotaExceeded = "quota_exceeded"
    case diskFull = "disk_full"
    case damaged
    case internalError = "internal_error"

    /// The HTTP status that goes with the code.
    var status: Int {
        switch self {
        case .invalidJSON, .invalidBody, .invalidParameter, .invalidFilter, .badRequest: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .unknownProject, .unknownRun, .unknownMetric, .unknownKey, .unknownView, .unknownBlob, .unknownCommand, .unknownRoute: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .runExists, .notRunning, .notListening, .commandEnded, .undeclaredValue, .sequenceGap, .unknownAttempt: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidBatch, .invalidName, .unacceptableValue, .tooManyMetrics, .nestingTooDeep, .digestMismatch: 422
        case .rateLimited: 429
        case .damaged, .internalError: 500
        case .overloaded, .shuttingDown: 503
        case .diskFull, .quotaExceeded: 507
        }
    }
}
