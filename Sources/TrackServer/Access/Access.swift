import TrackModel

/// Who is calling, as far as the server needs to know.
enum Access: Sendable, Equatable {
    /// The server has no keys and listens on loopback only: whoever reaches it may do everything.
    case open
    /// A key in the `Authorization` field.
    case key(KeyRecord)
    /// A browser that signed in; `token` is its cookie.
    case session(KeyRecord, token: String)
    /// Nobody, on a route that needs no key.
    case anonymous

    /// The name of the key that lets the caller in; `nil` where none is needed.
    var name: String? {
        switch self {
        case .open, .anonymous: nil
        case .key(let record), .session(let record, _): record.name
        }
    }

    var scope: KeyScope? {
        switch self {
        case .open: .admin
        case .key(let record), .session(let record, _): record.scope
        case .anonymous: nil
        }
    }
}
