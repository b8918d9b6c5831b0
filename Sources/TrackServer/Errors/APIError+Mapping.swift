import HTTPSockets
import TrackModel
import TrackStore

extension APIError {
    /// Maps whatever a handler threw to the answer the caller gets. Every error passes here, and only here.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as StoreError: self = Self.refusal(of: error)
        case let error as BatchError: self = APIError(.invalidBatch, error.description)
        case let error as BatchJSONError: self = Self.refusal(of: error)
        case let error as DecodingError: self = Self.refusal(of: error)
        case let error as HTTPError: self = Self.refusal(of: error)
        case is CancellationError:
            self = APIError(.shuttingDown, "The server is stopping; nothing was stored. Send again.", retryAfter: 1)
        default:
            self = APIError(
                .internalError, "The server could not do this, and the fault is its own. Its log has the cause under this request id.",
                cause: "\(error)")
        }
    }

    private static func refusal(of error: StoreError) -> APIError {
        var refusal = APIError(code(of: error), error.description)
        switch error {
        case .sequenceGap(let writer, let expected, let given):
            refusal.details = ["writer": .string(writer), "expected": .integer(Int64(expected)), "given": .integer(Int64(clamping: given))]
        case .unknownAttempt(let given, _, let latest):
            refusal.details = ["given": .integer(Int64(given)), "latest": .integer(Int64(latest))]
        case .unacceptableValue(let name, _, let reason): refusal.details = ["name": .string(name), "reason": .string(reason)]
        case .invalidParameter(let name, _, _): refusal.details = ["parameter": .string(name)]
        case .invalidFilter(_, let position, _): refusal.details = ["position": .integer(Int64(position))]
        case .tooManyMetrics(let given, let limit), .nestingTooDeep(let given, let limit):
            refusal.details = ["given": .integer(Int64(given)), "limit": .integer(Int64(limit))]
        case .digestMismatch(let given, let actual): refusal.details = ["given": .string(given), "actual": .string(actual)]
        case .quotaExceeded(let limit): refusal.details = ["limit": .integer(limit)]
        case .overloaded, .closed: refusal.retryAfter = 1
        case .damaged(let what): refusal.cause = what
        default: break
        }
        return refusal
    }

    private static func code(of error: StoreError) -> ErrorCode {
        switch error {
        case .unknownProject: .unknownProject
        case .unknownRun: .unknownRun
        case .unknownMetric: .unknownMetric
        case .unknownKey: .unknownKey
        case .unknownView: .unknownView
        case .unknownBlob: .unknownBlob
        case .unknownCommand: .unknownCommand
        case .unknownAttempt: .unknownAttempt
        case .runExists: .runExists
        case .notRunning: .notRunning
        case .notListening: .notListening
        case .commandEnded: .commandEnded
        case .undeclaredValue: .undeclaredValue
        case .unacceptableValue: .unacceptableValue
        case .sequenceGap: .sequenceGap
        case .invalidName: .invalidName
        case .invalidParameter: .invalidParameter
        case .invalidFilter: .invalidFilter
        case .invalidBatch: .invalidBatch
        case .tooManyMetrics: .tooManyMetrics
        case .nestingTooDeep: .nestingTooDeep
        case .digestMismatch: .digestMismatch
        case .quotaExceeded: .quotaExceeded
        case .diskFull: .diskFull
        case .damaged: .damaged
        case .locked: .internalError
        case .overloaded: .overloaded
        case .closed: .shuttingDown
        }
    }

    private static func refusal(of error: BatchJSONError) -> APIError {
        var refusal = APIError(.invalidBatch, error.description, details: ["offset": .integer(Int64(error.offset))])
        switch error.kind {
        case .syntax: refusal.code = .invalidJSON
        case .content: refusal.code = .invalidBatch
        case .name: refusal.code = .invalidName
        case .nesting(let given, let limit):
            refusal.code = .nestingTooDeep
            refusal.details["given"] = .integer(Int64(given))
            refusal.details["limit"] = .integer(Int64(limit))
        }
        refusal.status = refusal.code.status
        return refusal
    }

    /// The HTTP layer has words of its own for many ways to send nonsense; here they share few codes, and keep status and sentence.
    private static func refusal(of error: HTTPError) -> APIError {
        let code: ErrorCode = switch error.status.code {
        case 404: .unknownRoute
        case 405: .methodNotAllowed
        case 408: .requestTimeout
        case 413: .bodyTooLarge
        case 415: .unsupportedMediaType
        case 503: .overloaded
        case 500: .internalError
        default: .badRequest
        }
        var refusal = APIError(code, error.message, details: error.details.mapValues { .string($0) }, retryAfter: code == .overloaded ? 1 : nil,
                               cause: code == .internalError ? error.message : nil, status: error.status.code)
        refusal.allow = error.headers["Allow"]
        return refusal
    }

    private static func refusal(of error: DecodingError) -> APIError {
        if case .dataCorrupted(let context) = error, context.codingPath.isEmpty, context.underlyingError != nil || context.debugDescription.contains("JSON") {
            return APIError(.invalidJSON, "The body is not JSON. Check its quotes, commas and brackets.")
        }
        let reason = describe(error)
        return APIError(.invalidBody, "The body cannot be used: \(reason.hasSuffix(".") ? reason : reason + ".")")
    }
}
