/// What a page is told of its reader, so that it asks for data at once instead of asking first who it is: on a slow way a quarter of a load.
enum PageSession: Sendable, Equatable {
    /// The page finds out by `GET /session`.
    case unknown
    /// Requests need nothing.
    case open
    /// The browser's cookie is good; changing requests repeat the token, which `GET /session` tells, too.
    case signedIn(csrfToken: String)

    /// For the page's `html` element; each ends with a blank.
    var attributes: String {
        switch self {
        case .unknown: ""
        case .open: #"data-session="open" "#
        case .signedIn(let token): #"data-session="open" data-csrf="\#(token)" "#
        }
    }
}
