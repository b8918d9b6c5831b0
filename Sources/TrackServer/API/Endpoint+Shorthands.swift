import TrackModel

extension Endpoint.Body {
    /// JSON of one type.
    static func json(_ type: any Sendable.Type) -> Self { .init(type: type) }
}

extension Endpoint.Answer {
    /// JSON of one type.
    static func json(_ status: Int, _ type: any Sendable.Type, _ about: String) -> Self {
        .init(status: status, about: about, body: .json(type))
    }
    /// For a reader who has what would be answered.
    static let unchanged = empty(304, "If-None-Match names what would be answered.")
    /// No body.
    static func empty(_ status: Int, _ about: String) -> Self { .init(status: status, about: about) }
}
