public import TrackModel

/// The points of one series in one attempt: ascending steps, each once.
public struct SeriesPoints: Sendable {
    public var steps: [Int64] = []
    /// Microseconds since 1970.
    public var times: [Int64] = []
    public var values: [Double] = []

    public init(steps: [Int64] = [], times: [Int64] = [], values: [Double] = []) {
        (self.steps, self.times, self.values) = (steps, times, values)
    }

    public var count: Int { steps.count }
    public var isEmpty: Bool { steps.isEmpty }

    /// The points at steps below `limit`.
    public mutating func cut(below limit: Int64) {
        let kept = steps.partitioningIndex { $0 >= limit }
        guard kept < count else { return }
        steps.removeLast(count - kept)
        times.removeLast(times.count - kept)
        values.removeLast(values.count - kept)
    }

    /// Puts points into step order; of a repeated step the last stays. O(n) when they are in order, else O(n log n).
    public mutating func settle() {
        if zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) { return }
        let order = steps.indices.sorted { (steps[$0], $0) < (steps[$1], $1) }
        var settled = SeriesPoints()
        for index in order {
            if settled.steps.last == steps[index] {
                settled.times[settled.count - 1] = times[index]
                settled.values[settled.count - 1] = values[index]
            } else {
                settled.append(step: steps[index], time: times[index], value: values[index])
            }
        }
        self = settled
    }

    @inline(__always)
    public mutating func append(step: Int64, time: Int64, value: Double) {
        steps.append(step)
        times.append(time)
        values.append(value)
    }

    /// Adds points behind; call ``settle()`` if they may not follow.
    public mutating func append(_ more: SeriesPoints) {
        steps.append(contentsOf: more.steps)
        times.append(contentsOf: more.times)
        values.append(contentsOf: more.values)
    }

    /// Adds a column of a batch, in the order of its rows. Call ``settle()`` when all are there.
    public mutating func append(_ column: EncodedBatch.ColumnLayout, of batch: EncodedBatch) {
        batch.withSteps { batchSteps in
            batch.withTimes { batchTimes in
                batch.withValues(column) { batchValues in
                    guard let presence = batch.presence(column) else {
                        steps.append(contentsOf: batchSteps)
                        times.append(contentsOf: batchTimes)
                        values.append(contentsOf: batchValues)
                        return
                    }
                    values.append(contentsOf: batchValues)
                    presence.forEachRow { row in
                        steps.append(batchSteps[row])
                        times.append(batchTimes[row])
                    }
                }
            }
        }
    }
}

extension [UInt64] {
    /// Calls `body` with the place of each set bit, in order.
    @inline(__always)
    func forEachRow(_ body: (Int) -> Void) {
        for (index, var word) in enumerated() {
            while word != 0 {
                body(index * 64 + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index at which `predicate` holds, if it holds from there on. O(log n).
    public func firstPlace(where predicate: (Element) -> Bool) -> Int { partitioningIndex(where: predicate) }

    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex, high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
