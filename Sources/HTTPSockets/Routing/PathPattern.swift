/// A route's path: literal segments, parameters, and perhaps a rest.
struct PathPattern: Sendable {
    enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case parameter(String)
        case rest(String)
    }

    let text: String
    let segments: [Segment]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "Routes: pattern “\(text)” does not begin with /")
        self.text = text
        segments = text == "/" ? [] : text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(Array(segment.utf8)) }
            let name = segment.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
        let restPlaces = segments.indices.filter { if case .rest = segments[$0] { true } else { false } }
        precondition(restPlaces.allSatisfy { $0 == segments.count - 1 }, "Routes: in “\(text)” segments follow the rest")
        precondition(Set(names).count == names.count && !names.contains(""), "Routes: “\(text)” names a parameter twice or not at all")
    }

    /// The names of parameters in order.
    var names: [String] {
        segments.compactMap {
            switch $0 {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// The pattern without its names: two routes of the same shape match the same paths.
    var shape: [Segment] {
        segments.map {
            switch $0 {
            case .literal: $0
            case .parameter: .parameter("")
            case .rest: .rest("")
            }
        }
    }
}
