extension BucketAccumulator {
    /// Adds the points whose step lies in `from … to`. Their steps ascend, so a bucket takes all of its points at once. O(points).
    public mutating func add(_ points: SeriesPoints, from: Double, to: Double) {
        let first = points.steps.partitioningIndex { Double($0) >= from }, end = points.steps.partitioningIndex { Double($0) > to }
        guard first < end else { return }
        let grid = grid
        points.steps.withUnsafeBufferPointer { steps in
            points.values.withUnsafeBufferPointer { values in
                slots.withUnsafeMutableBufferPointer { slots in
                    var start = first, length = 1
                    while start < end {
                        let place = grid.index(Double(steps[start]))
                        var next = min(start + length, end)         // as many as the bucket before: steps are mostly regular
                        while next > start + 1, grid.index(Double(steps[next - 1])) != place { next -= 1 }
                        while next < end, grid.index(Double(steps[next])) == place { next += 1 }
                        length = next - start
                        slots[place].add(UnsafeBufferPointer(rebasing: values[start..<next]), steps: UnsafeBufferPointer(rebasing: steps[start..<next]))
                        start = next
                    }
                }
            }
        }
    }

    /// Adds the points whose time lies in `from … to`, in seconds after `origin`. Times come in any order.
    /// - Parameter origin: Microseconds since 1970.
    public mutating func add(_ points: SeriesPoints, from: Double, to: Double, secondsSince origin: Int64) {
        for index in 0..<points.count {
            let x = Double(points.times[index] &- origin) / 1e6
            if x >= from, x <= to { add(x: x, value: points.values[index]) }
        }
    }
}

extension BucketAccumulator.Slot {
    /// Adds consecutive points at ascending steps.
    @inline(__always)
    fileprivate mutating func add(_ values: UnsafeBufferPointer<Double>, steps: UnsafeBufferPointer<Int64>) {
        var sum = sum, least = min, greatest = max, isFinite = true
        for value in values {
            sum += value
            if value < least { least = value }
            if value > greatest { greatest = value }
            if !value.isFinite { isFinite = false }
        }
        guard isFinite else { return addOneByOne(values, steps: steps) }
        let low = Double(steps[0]), high = Double(steps[steps.count - 1])
        (self.sum, min, max) = (sum, least, greatest)
        count += UInt32(truncatingIfNeeded: values.count)
        (x0, x1) = (Swift.min(x0, low), Swift.max(x1, high))
        if low < firstX { (firstX, first) = (low, values[0]) }
        if high >= lastX { (lastX, last) = (high, values[values.count - 1]) }
    }

    private mutating func addOneByOne(_ values: UnsafeBufferPointer<Double>, steps: UnsafeBufferPointer<Int64>) {
        for (value, step) in zip(values, steps) { add(value, x: Double(step)) }
    }
}
