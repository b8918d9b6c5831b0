/// Finds the route of a request: a tree over the segments of paths, built once.
final class Router: Sendable {
    /// What is to be run for a request. A class, so that finding it copies one pointer.
    final class Route: Sendable {
        let method: Method
        let pattern: String
        let names: [String]
        let bodyLimit: Int?
        let execution: RouteExecution
        let direct: DirectHandler?
        let handler: Handler

        init(_ entry: Routes.Entry, handler: @escaping Handler) {
            (method, pattern, names) = (entry.method, entry.pattern.text, entry.pattern.names)
            (bodyLimit, execution, direct, self.handler) = (entry.bodyLimit, entry.execution, entry.direct, handler)
        }

        /// An answer of the router's own.
        init(_ method: Method, handler: @escaping Handler) {
            (self.method, pattern, names, bodyLimit, execution, direct, self.handler) = (method, "", [], nil, .eventLoop, nil, handler)
        }
    }

    private final class Node: @unchecked Sendable {      // changed only while the router is built
        var literals: [(text: [UInt8], node: Node)] = []
        var parameter: Node?
        var rest: [Route] = []
        var routes: [Route] = []

        func literal(_ segment: UnsafeBufferPointer<UInt8>) -> Node? {
            for index in literals.indices where Router.equal(segment, literals[index].text) { return literals[index].node }
            return nil
        }
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
            insert(Route(entry, handler: Self.compose(routes.middleware, entry.handler)), entry.pattern.segments)
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
    func match(_ request: inout Request) throws(HTTPError) -> Route {
        var search = Search(method: request.method)
        let found = request.withRawPath { path in path.spells("*") ? nil : find(path, from: 1, in: root, &search) }
        guard let found else { return try unmatched(request, search.allowed) }
        let parameters = try decoded(search.values, names: found.names, of: request)
        request.matched(route: found.pattern, parameters: parameters)
        return found
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

    /// What a search knows: the values of parameters on the way, and the methods of all paths that matched.
    private struct Search {
        let method: Method
        var values: [Range<Int>] = []
        var allowed: [Method] = []

        mutating func pick(_ routes: [Route]) -> Route? {
            if let route = routes.first(where: { $0.method == method }) { return route }
            if method == .head, let route = routes.first(where: { $0.method == .get }) { return route }
            for route in routes where !allowed.contains(route.method) { allowed.append(route.method) }
            return nil
        }
    }

    /// The best route: a literal segment goes before a parameter, a parameter before the rest; a path that lacks the method
    /// leaves the request to the next best. `start` is behind the slash before the next segment.
    private func find(_ path: UnsafeBufferPointer<UInt8>, from start: Int, in node: Node, _ search: inout Search) -> Route? {
        guard start < path.count || (start == path.count && start > 1) else {
            return search.pick(node.routes) ?? rest(start..<path.count, path, node, &search)
        }
        let end = path.firstOffset(of: Byte.slash, from: start) ?? path.count
        let segment = path.part(start..<end)
        if let next = node.literal(segment) {
            let found = end == path.count ? search.pick(next.routes) : find(path, from: end + 1, in: next, &search)
            if let found { return found }
        }
        if let next = node.parameter, !segment.isEmpty {
            search.values.append(start..<end)
            let found = end == path.count ? search.pick(next.routes) : find(path, from: end + 1, in: next, &search)
            if let found { return found }
            search.values.removeLast()
        }
        return rest(start..<path.count, path, node, &search)
    }

    private func rest(_ range: Range<Int>, _ path: UnsafeBufferPointer<UInt8>, _ node: Node, _ search: inout Search) -> Route? {
        guard let route = search.pick(node.rest) else { return nil }
        search.values.append(min(range.lowerBound, path.count)..<path.count)
        return route
    }

    /// A segment with `%` is compared as what it stands for, so that an encoded path cannot slip past a literal route.
    private static func equal(_ segment: UnsafeBufferPointer<UInt8>, _ literal: [UInt8]) -> Bool {
        if segment.count == literal.count { return literal.withUnsafeBufferPointer { segment.equals($0) } }
        guard segment.count > literal.count, segment.contains(Byte.percent) else { return false }
        return PercentEncoding.decode(segment).map { $0.utf8.elementsEqual(literal) } ?? false
    }

    private func unmatched(_ request: Request, _ known: [Method]) throws(HTTPError) -> Route {
        let method = request.method
        guard methods.contains(method) else { throw .unknownMethod(String(method.rawValue.prefix(100))) }
        if request.withRawPath({ $0.spells("*") }) { return special(method) { _ in Self.optionsResponse(Self.usual) } }
        guard !known.isEmpty else { return Route(method, handler: fallback) }
        var allowed = known
        if allowed.contains(.get) && !allowed.contains(.head) { allowed.append(.head) }
        if !allowed.contains(.options) { allowed.append(.options) }
        let allowedMethods = allowed
        if method == .options { return special(method) { _ in Self.optionsResponse(allowedMethods) } }
        return special(method) { _ in throw HTTPError.methodNotAllowed(method.rawValue, allowed: allowedMethods.map(\.rawValue)) }
    }

    private func special(_ method: Method, _ handler: @escaping Handler) -> Route {
        Route(method, handler: Self.compose(middleware, handler))
    }

    private static let usual: [Method] = [.get, .head, .post, .put, .patch, .delete]

    private static func optionsResponse(_ allowed: [Method]) -> Response {
        Response(status: .noContent, headers: ["Allow": allowed.map(\.rawValue).joined(separator: ", ")])
    }

    private static func compose(_ middleware: [Middleware], _ handler: @escaping Handler) -> Handler {
        middleware.reversed().reduce(handler) { next, outer in { try await outer($0, next) } }
    }
}
