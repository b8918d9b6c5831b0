public import TrackModel

extension HistogramRecord {
    /// The same distribution over other bins.
    ///
    /// Values are taken to lie evenly within a bin, so each old bin is divided among the new ones that it overlaps; what lies outside the new
    /// edges falls into the first or the last bin. The counts' sum stays exactly what it was: counts up to each edge are rounded, not the bins.
    /// - Parameter edges: At least two, ascending, finite.
    /// - Complexity: O(old bins + new bins).
    public func rebinned(to edges: [Double]) -> HistogramRecord {
        precondition(edges.count >= 2, "A histogram has at least one bin; \(edges.count) edges were given.")
        if edges == self.edges { return self }
        var below: UInt64 = 0, bin = 0, counted: UInt64 = 0
        var result = self
        result.edges = edges
        result.counts = []
        result.counts.reserveCapacity(edges.count - 1)
        for edge in edges.dropFirst().dropLast() {
            while bin < counts.count, self.edges[bin + 1] <= edge { below &+= counts[bin]; bin += 1 }
            let upTo = below &+ (bin < counts.count ? part(of: bin, below: edge) : 0)
            result.counts.append(upTo &- counted)
            counted = upTo
        }
        result.counts.append(counts.reduce(0, &+) &- counted)
        return result
    }

    /// How much of a bin lies below `edge`, rounded.
    private func part(of bin: Int, below edge: Double) -> UInt64 {
        let low = edges[bin], high = edges[bin + 1]
        if edge <= low { return 0 }
        let fraction = (edge / 2 - low / 2) / (high / 2 - low / 2)      // halves, so that no difference overflows
        return Swift.min(UInt64((Double(counts[bin]) * fraction).rounded()), counts[bin])
    }

    /// Both distributions in one: counts, sums and NaN counts are added, extremes united; step, time and name are the later one's.
    ///
    /// Of equal edges the bins are added one by one. Otherwise every edge of both is kept while there are at most `limit` bins, beyond that
    /// evenly chosen ones among them, so that bins stay narrow where they were.
    /// - Complexity: O(bins of both).
    public func merged(with other: HistogramRecord, bins limit: Int = 512) -> HistogramRecord {
        let later = other.step >= step ? other : self
        let edges = self.edges == other.edges ? self.edges : Self.commonEdges(self.edges, other.edges, limit)
        let (one, two) = (rebinned(to: edges), other.rebinned(to: edges))
        var result = HistogramRecord(
            name: later.name, step: later.step, time: later.time, edges: edges, counts: zip(one.counts, two.counts).map { $0 &+ $1 },
            min: Swift.min(min, other.min), max: Swift.max(max, other.max), sum: sum + other.sum, count: count &+ other.count, nan: nan &+ other.nan)
        if count == 0 { (result.min, result.max) = (other.min, other.max) }      // their extremes stand for nothing
        if other.count == 0, count > 0 { (result.min, result.max) = (min, max) }
        return result
    }

    private static func commonEdges(_ one: [Double], _ two: [Double], _ limit: Int) -> [Double] {
        var all: [Double] = []
        for edge in (one + two).sorted() where all.last.map({ $0 < edge }) ?? true { all.append(edge) }
        return Thinning.evenly(all.count, to: limit + 1).map { all[$0] }
    }
}

/// Bins for several histograms at once, as a picture of them over time needs.
public enum HistogramBins {
    /// `count` bins of equal width from the least to the greatest edge of all; `nil` without histograms.
    public static func common(_ histograms: [HistogramRecord], count: Int) -> [Double]? {
        guard let low = histograms.lazy.map({ $0.edges[0] }).min(), let high = histograms.lazy.map({ $0.edges[$0.edges.count - 1] }).max() else { return nil }
        let edges = (0...count).map { index -> Double in
            let part = Double(index) / Double(count)
            return index == count ? high : low * (1 - part) + high * part       // no difference that could overflow
        }
        return zip(edges, edges.dropFirst()).allSatisfy(<) ? edges : [low, high]      // bins narrower than numbers can tell apart
    }
}
