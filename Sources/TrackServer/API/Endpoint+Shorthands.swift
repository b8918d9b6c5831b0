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
    /// No body.
    static func empty(_ status: Int, _ about: String) -> Self { .init(status: status, about: about) }
}
