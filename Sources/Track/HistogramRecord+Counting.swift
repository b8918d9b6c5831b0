public import TrackModel

extension HistogramRecord {
    /// Counts `values` in bins of equal width. O(`values.count`), in two passes.
    ///
    /// - Parameters:
    ///   - values: NaN are counted apart; infinities fall into the outermost bins and are left out of `min`, `max` and `sum`.
    ///   - time: Microseconds since 1970.
    ///   - bins: 1 … 512.
    public init<Value: BinaryFloatingPoint>(of values: some Sequence<Value>, name: String, step: Int64, time: Int64, bins: Int = 64) {
        let bins = Swift.min(Swift.max(bins, 1), 512)
        let numbers = values.map { Double($0) }
        var low = Double.infinity, high = -Double.infinity, sum = 0.0, nan: UInt64 = 0
        for value in numbers {
            if value.isNaN { nan += 1 } else if value.isFinite {
                (low, high) = (Swift.min(low, value), Swift.max(high, value))
                sum += value
            }
        }
        if low > high { (low, high) = (0, 0) }
        var (first, last) = (low, high)
        if first == last { (first, last) = (first - 0.5, last + 0.5) }
        if !(first < last) { (first, last) = (first.nextDown, last.nextUp) }      // so large that a half is lost in rounding
        let width = last / Double(bins) - first / Double(bins)                    // divided first: the difference may overflow
        var counts = [UInt64](repeating: 0, count: bins)
        for value in numbers where !value.isNaN {
            let place = ((value - first) / width).clamped(to: 0...Double(bins - 1))
            counts[Int(place)] += 1
        }
        var edges = (0...bins).map { first + Double($0) * width }
        edges[bins] = last
        self.init(
            name: name, step: step, time: time, edges: edges, counts: counts, min: low, max: high, sum: sum,
            count: UInt64(numbers.count) - nan, nan: nan)
    }
}

extension Double {
    /// The nearest value within the range; NaN gives the lower end.
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        self > range.lowerBound ? Swift.min(self, range.upperBound) : range.lowerBound
    }
}
