import HTTPSockets
import TrackModel

/// What one route is, for its caller, its guard and the OpenAPI document.
struct Endpoint: Sendable {
    /// One query parameter. Parameters that are not listed are refused, so that a typing error does not go unseen.
    struct Parameter: Sendable {
        enum Kind: Sendable { case text, number, integer(ClosedRange<Int>), list, choice([String]) }
        var name: String
        var kind: Kind
        var isRequired = false
        var about: String
    }

    /// A body that may be sent or answered.
    struct Body: Sendable {
        /// `nil` for bytes that only prose describes.
        var type: (any Sendable.Type)?
        var contentTypes = ["application/json"]
        /// Whether nothing at all is no body.
        var isRequired = true
        /// For bodies without a Swift type of their own: writes the schema.
        var schema: (@Sendable (inout SchemaBuilder) -> JSONValue)?
    }

    struct Answer: Sendable {
        var status: Int
        var about: String
        var body: Body?
    }

    var method: Method
    /// With `{name}` for each path parameter.
    var path: String
    /// Groups routes in the OpenAPI document: `runs`.
    var tag: String
    /// One sentence.
    var about: String
    /// `nil`: everybody.
    var scope: KeyScope?
    var query: [Parameter] = []
    var body: Body?
    var answers: [Answer]
    /// Beside those that every route has (`unauthorized`, `forbidden`, `rate_limited`, `shutting_down`).
    var refusals: [ErrorCode] = []
    /// Bytes of body that are read at most.
    var bodyLimit = 1 << 20
    /// Done within a fraction of a millisecond or waiting for others, so it may run on the event loop's own thread.
    var isQuick = false
}

extension Endpoint.Parameter {
    /// Refuses a value that is not of the parameter's kind; an empty one counts as none.
    func check(_ value: String) throws(APIError) {
        switch kind {
        case .text, .list: return
        case .choice(let choices):
            guard choices.contains(value) else { throw Call.invalid(name, value, "one of \(choices.joined(separator: ", ")) is needed") }
        case .number:
            guard value.isEmpty || Double(value)?.isFinite == true else { throw Call.invalid(name, value, "a finite number is needed") }
        case .integer(let range):
            guard !value.isEmpty else { return }
            guard let number = Int(value) else { throw Call.invalid(name, value, "a whole number is needed") }
            guard range.contains(number) else { throw Call.invalid(name, value, "\(range.lowerBound) … \(range.upperBound) is allowed") }
        }
    }

    static func text(_ name: String, _ about: String, required: Bool = false) -> Self { .init(name: name, kind: .text, isRequired: required, about: about) }
    static func number(_ name: String, _ about: String) -> Self { .init(name: name, kind: .number, about: about) }
    static func integer(_ name: String, _ range: ClosedRange<Int>, _ about: String) -> Self { .init(name: name, kind: .integer(range), about: about) }
    static func list(_ name: String, _ about: String, required: Bool = false) -> Self { .init(name: name, kind: .list, isRequired: required, about: about) }
    static func choice(_ name: String, _ choices: [String], _ about: String) -> Self { .init(name: name, kind: .choice(choices), about: about) }
}
