/// Finds the route of a request: a tree over the segments of paths, built once.
final class Router: Sendable {
    struct Route: Sendable {
        let method: Method
        let pattern: String
        let names: [String]
        let bodyLimit: Int?
        let execution: RouteExecution
        let handler: Handler
    }

    /// What is to be run for a request.
    struct Match: Sendable {
        let handler: Handler
        var bodyLimit: Int?
        var execution = RouteExecution.eventLoop
    }

    private final class Node: @unchecked Sendable {      // changed only while the router is built
        var literals: [(text: [UInt8], node: Node)] = []
        var parameter: Node?
        var rest: [Route] = []
        var routes: [Route] = []
    }

    private let root = Node()
    private let middleware: [Middleware]
    private let fallback: Handler
    private let methods: Set<Method>

    init(_ routes: Routes) {
        middleware = routes.middleware
        methods = Set(routes.entries.map(\.method)).union(Method.standard)
        fallback = Self.compose(routes.middleware, routes.fallback)
        for entry in routes.entries {
            let route = Route(method: entry.method, pattern: entry.pattern.text, names: entry.pattern.names,
                              bodyLimit: entry.bodyLimit, execution: entry.execution,
                              handler: Self.compose(routes.middleware, entry.handler))
            insert(route, entry.pattern.segments)
        }
    }

    private func insert(_ route: Route, _ segments: [PathPattern.Segment]) {
        var node = root
        for segment in segments {
            switch segment {
            case .literal(let text):
                if let known = node.literals.first(where: { $0.text == text }) {
                    node = known.node
                } else {
                    let next = Node()
                    node.literals.append((text, next))
                    node = next
                }
            case .parameter:
                node.parameter = node.parameter ?? Node()
                node = node.parameter!
            case .rest:
                node.rest.append(route)
                return
            }
        }
        node.routes.append(route)
    }

    /// Finds what answers the request, and gives the request its parameters.
    /// - Throws: ``HTTPError/unknownMethod(_:)``, ``HTTPError/invalidTarget(_:)``.
    func match(_ request: inout Request) throws(HTTPError) -> Match {
        let method = request.method
        guard methods.contains(method) else { throw .unknownMethod(String(method.rawValue.prefix(100))) }
        var values: [Range<Int>] = []
        let found = request.withRawPath { path -> ([Route], Bool) in
            if path.spells("*") { return ([], true) }
            return (find(path, from: 1, in: root, &values), false)
        }
        if found.1 { return special { _ in Self.optionsResponse([.get, .head, .post, .put, .patch, .delete]) } }
        let candidates = found.0
        guard let route = candidates.first(where: { $0.method == method })
                ?? (method == .head ? candidates.first { $0.method == .get } : nil) else {
            return try unmatched(method, candidates, &request)
        }
        let parameters = try decoded(values, names: route.names, of: request)
        request.matched(route: route.pattern, parameters: parameters)
        return Match(handler: route.handler, bodyLimit: route.bodyLimit, execution: route.execution)
    }

    private func decoded(_ values: [Range<Int>], names: [String], of request: Request) throws(HTTPError) -> Parameters {
        if values.isEmpty { return [:] }
        let texts = request.withRawPath { path -> [String?] in
            values.map { range in
                let part = path.part(range)
                return part.contains(Byte.percent) ? PercentEncoding.decode(part) : String(decoding: part, as: UTF8.self)
            }
        }
        var decoded: [String] = []
        for text in texts {
            guard let text else { throw .invalidTarget("a part of its path is not percent-encoded UTF-8") }
            decoded.append(text)
        }
        return Parameters(names: names, values: decoded)
    }

    /// The routes of the best matching path, of all methods. `start` is behind the slash before the next segment.
    private func find(_ path: UnsafeBufferPointer<UInt8>, from start: Int, in node: Node, _ values: inout [Range<Int>]) -> [Route] {
        guard start < path.count || (start == path.count && start > 1) else {
            return node.routes.isEmpty && !node.rest.isEmpty ? rest(start..<path.count, path, node, &values) : node.routes
        }
        let end = path.firstOffset(of: Byte.slash, from: start) ?? path.count
        let segment = path.part(start..<end)
        if let next = node.literals.first(where: { Self.equal(segment, $0.text) })?.node {
            let found = end == path.count ? next.routes : find(path, from: end + 1, in: next, &values)
            if !found.isEmpty { return found }
        }
        if let next = node.parameter, !segment.isEmpty {
            values.append(start..<end)
            let found = end == path.count ? next.routes : find(path, from: end + 1, in: next, &values)
            if !found.isEmpty { return found }
            values.removeLast()
        }
        return rest(start..<path.count, path, node, &values)
    }

    private func rest(_ range: Range<Int>, _ path: UnsafeBufferPointer<UInt8>, _ node: Node, _ values: inout [Range<Int>]) -> [Route] {
        if !node.rest.isEmpty { values.append(min(range.lowerBound, path.count)..<path.count) }
        return node.rest
    }

    /// A segment with `%` is compared as what it stands for, so that an encoded path cannot slip past a literal route.
    private static func equal(_ segment: UnsafeBufferPointer<UInt8>, _ literal: [UInt8]) -> Bool {
        if segment.count == literal.count { return segment.elementsEqual(literal) }
        guard segment.count > literal.count, segment.contains(Byte.percent) else { return false }
        return PercentEncoding.decode(segment).map { $0.utf8.elementsEqual(literal) } ?? false
    }

    private func unmatched(_ method: Method, _ candidates: [Route], _ request: inout Request) throws(HTTPError) -> Match {
        guard !candidates.isEmpty else { return Match(handler: fallback) }
        var allowed = candidates.map(\.method)
        if allowed.contains(.get) && !allowed.contains(.head) { allowed.append(.head) }
        if !allowed.contains(.options) { allowed.append(.options) }
        let allowedMethods = allowed
        if method == .options { return special { _ in Self.optionsResponse(allowedMethods) } }
        return special { _ in throw HTTPError.methodNotAllowed(method.rawValue, allowed: allowedMethods.map(\.rawValue)) }
    }

    private func special(_ handler: @escaping Handler) -> Match {
        Match(handler: Self.compose(middleware, handler), bodyLimit: nil)
    }

    private static func optionsResponse(_ allowed: [Method]) -> Response {
        Response(status: .noContent, headers: ["Allow": allowed.map(\.rawValue).joined(separator: ", ")])
    }

    private static func compose(_ middleware: [Middleware], _ handler: @escaping Handler) -> Handler {
        middleware.reversed().reduce(handler) { next, outer in { try await outer($0, next) } }
    }
}
