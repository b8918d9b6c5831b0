import CKernels

/// How a tensor's elements are spread: bins of equal width from the least to the greatest finite element.
public struct Histogram: Sendable, Equatable {
    /// Where bins meet, ascending: one more than there are bins.
    public var edges: [Double]
    /// Elements in each bin. Infinities fall into the outermost ones.
    public var counts: [UInt64]
    /// Of the finite elements; 0 without any.
    public var min: Double, max: Double, sum: Double
    /// Elements that are not NaN, and those that are.
    public var count: Int, nanCount: Int
}

extension Tensor {
    /// Counts the elements in bins of equal width, outside the graph. O(`count`), two passes.
    /// - Parameter bins: From 1 to 512.
    public final func histogram(bins: Int = 64) -> Histogram {
        require((1...512).contains(bins), "histogram: \(bins) bins, expected 1 to 512")
        let dense = isDense ? self : copied()
        let spread = ck_find_spread(Int64(count), dense.pointer)
        let (low, high) = spread.low <= spread.high ? (spread.low, spread.high) : (0, 0)
        // Elements that are all equal stand in the middle of a range one wide, or as narrow as numbers of their size can tell apart.
        var (first, last) = low == high ? (low - 0.5, high + 0.5) : (low, high)
        if !(first < last) { (first, last) = (first.nextDown, last.nextUp) }
        let width = last / Double(bins) - first / Double(bins)
        var counts = [UInt64](repeating: 0, count: bins)
        ck_count_bins(Int64(count), dense.pointer, first, width, Int64(bins), &counts)
        withExtendedLifetime(dense) {}
        return Histogram(
            edges: (0..<bins).map { first + Double($0) * width } + [last], counts: counts, min: low, max: high, sum: spread.sum,
            count: count - Int(spread.nan), nanCount: Int(spread.nan))
    }
}
