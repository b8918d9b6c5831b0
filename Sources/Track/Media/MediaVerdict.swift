import TrackModel

/// What an answer to a stored file's upload means. Pure: the caller waits and removes.
enum MediaVerdict: Equatable {
    /// The server has it.
    case stored
    /// Nothing is wrong with the file: the same again, later.
    case again(after: Duration?)
    /// Somebody must change something first; asked again each minute.
    case parked(notice: String)
    /// The server will never take it.
    case refused(notice: String)

    /// - Parameter answer: `nil` for a file that another process has delivered.
    init(_ answer: HTTPAnswer?) {
        switch answer {
        case nil: self = .stored
        case .failed(.notTrusted(let reason)):
            self = .parked(notice: TransportFailure.notTrusted(reason).description)
        case .failed: self = .again(after: nil)
        case .answered(let status, let body, let retryAfter):
            let error = try? decode(ErrorResponse.self, body).error
            let words = error?.message ?? "The server answered \(status)."
            switch status {
            case 200, 201: self = .stored
            case 408, 425, 429, 500...506: self = .again(after: retryAfter)
            case 401, 403: self = .parked(notice: "Media wait: \(words) Set TRACK_API_KEY, or run `track login`.")
            case 404, 405: self = .parked(notice: "Media wait: the server has no place for files (\(status)). Update it.")
            case 507...: self = .parked(notice: "Media wait: \(words)")
            default: self = .refused(notice: "A file was refused and is left in the spool: \(words)")
            }
        }
    }
}
