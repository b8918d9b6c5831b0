public import Synchronization

/// Values that wait for the next row and travel in it: system metrics make no rows of their own while the program logs, so that a run has
/// the rows that were logged, and no step twice.
@usableFromInline
final class Passengers: @unchecked Sendable {      // `lock` guards all variables but the flag
    /// Whether anybody waits: the only thing that `log` looks at.
    @usableFromInline let areWaiting = Atomic(false)
    let lock = Lock()
    private var sums: [String: (sum: Double, count: Double)] = [:]
    private var readings = 0

    /// Adds a reading. Several that find no row are one value in the end: their mean.
    /// - Returns: How many readings wait.
    @discardableResult
    func add(_ values: [String: Double]) -> Int {
        lock.withLock {
            for (name, value) in values {
                let known = sums[name] ?? (0, 0)
                sums[name] = (known.sum + value, known.count + 1)
            }
            readings += 1
            areWaiting.store(!sums.isEmpty, ordering: .relaxed)
            return readings
        }
    }

    /// Takes everybody who waits, in the order of their names.
    @usableFromInline
    func board() -> [(name: String, value: Double)] {
        lock.withLock {
            areWaiting.store(false, ordering: .relaxed)
            readings = 0
            defer { sums.removeAll(keepingCapacity: true) }
            return sums.map { ($0.key, $0.value.sum / $0.value.count) }.sorted { $0.0 < $1.0 }
        }
    }
}
