/// The last values of a series, in order of arrival and by size: median and spread of a moving window.
struct RecentValues: Sendable, Equatable {
    let size: Int
    private var ring: [Double] = []
    private var sorted: [Double] = []
    private var next = 0

    init(_ size: Int) { self.size = size }

    var count: Int { sorted.count }
    /// Of two middle ones the upper. At least one value must be there.
    var median: Double { sorted[sorted.count / 2] }
    var greatest: Double { sorted[sorted.count - 1] }

    /// The median distance from the median: a spread that single values do not move (Hampel, *The Influence Curve and Its Role in Robust
    /// Estimation*, 1974). O(`size` log `size`).
    var spread: Double {
        let middle = median
        let distances = sorted.map { abs($0 - middle) }.sorted()
        return distances[distances.count / 2]
    }

    /// Takes a value in, the oldest out. O(`size`).
    mutating func take(_ value: Double) {
        if ring.count < size {
            ring.append(value)
        } else {
            sorted.remove(at: place(of: ring[next]))
            ring[next] = value
            next = (next + 1) % size
        }
        sorted.insert(value, at: place(of: value))
    }

    mutating func removeAll() { self = RecentValues(size) }

    /// Where the first value that is not less stands.
    private func place(of value: Double) -> Int {
        var low = 0, high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
