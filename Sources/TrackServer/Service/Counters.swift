import Synchronization

/// What `/metrics` tells of the requests: how many of each route with which status, and what came in.
final class Counters: Sendable {
    /// Counts the answers of one route.
    final class Route: Sendable {
        let method: String
        let route: String
        private let byStatus = Mutex<[Int: Int]>([:])

        init(method: String, route: String) { (self.method, self.route) = (method, route) }

        func count(status: Int) { byStatus.withLock { $0[status, default: 0] += 1 } }
        var counts: [(status: Int, count: Int)] { byStatus.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } } }
    }

    private let routes = Mutex<[Route]>([])
    let batches = Atomic<Int>(0)
    let duplicateBatches = Atomic<Int>(0)
    let rows = Atomic<Int>(0)
    let points = Atomic<Int>(0)
    let ingestBytes = Atomic<Int>(0)

    func makeCounter(method: String, route: String) -> Route {
        let counter = Route(method: method, route: route)
        routes.withLock { $0.append(counter) }
        return counter
    }

    var all: [Route] { routes.withLock { $0 } }
}
