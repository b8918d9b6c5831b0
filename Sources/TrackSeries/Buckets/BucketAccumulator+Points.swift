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
        let facts = Facts(values)
        guard facts.sum.isFinite else { return addOneByOne(values, steps: steps) }      // something is not finite, or the sum is too large
        let low = Double(steps[0]), high = Double(steps[steps.count - 1])
        (sum, min, max) = (sum + facts.sum, Swift.min(min, facts.least), Swift.max(max, facts.greatest))
        count += UInt32(truncatingIfNeeded: values.count)
        (x0, x1) = (Swift.min(x0, low), Swift.max(x1, high))
        if low < firstX { (firstX, first) = (low, values[0]) }
        if high >= lastX { (lastX, last) = (high, values[values.count - 1]) }
    }

    private mutating func addOneByOne(_ values: UnsafeBufferPointer<Double>, steps: UnsafeBufferPointer<Int64>) {
        for (value, step) in zip(values, steps) { add(value, x: Double(step)) }
    }
}

/// Sum and extremes of some values, four at a time: one after the other, each addition would wait for the one before.
private struct Facts {
    var sum = 0.0
    var least = Double.infinity
    var greatest = -Double.infinity

    @inline(__always)
    init(_ values: UnsafeBufferPointer<Double>) {
        let start = UnsafeRawPointer(values.baseAddress!)
        var place = 0
        if values.count >= 4 {
            var sums = SIMD4<Double>.zero, low = SIMD4(repeating: Double.infinity), high = -low
            while place &+ 4 <= values.count {
                let four = start.loadUnaligned(fromByteOffset: place &* 8, as: SIMD4<Double>.self)
                sums += four
                low.replace(with: four, where: four .< low)
                high.replace(with: four, where: four .> high)
                place &+= 4
            }
            sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
            for lane in 0..<4 { take(low[lane], high[lane]) }
        }
        while place < values.count {
            sum += values[place]
            take(values[place], values[place])
            place &+= 1
        }
    }

    @inline(__always)
    private mutating func take(_ low: Double, _ high: Double) {
        if low < least { least = low }
        if high > greatest { greatest = high }
    }
}
