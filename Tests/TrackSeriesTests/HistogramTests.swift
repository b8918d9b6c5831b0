import SeededRandom
import Testing
import TrackModel
@testable import TrackSeries

@Suite("Histograms") struct HistogramTests {
    @Test("spread over any other bins keep their sum and everything beside the bins", arguments: 1...60) func conserved(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let histogram = random.histogram(), edges = random.histogram().edges

        let other = histogram.rebinned(to: edges)

        #expect(other.counts.reduce(0, +) == histogram.counts.reduce(0, +) && other.counts.count == edges.count - 1 && other.edges == edges)
        #expect((other.min, other.max, other.sum) == (histogram.min, histogram.max, histogram.sum))
        #expect((other.count, other.nan, other.step) == (histogram.count, histogram.nan, histogram.step))
    }

    @Test("spread over bins that split theirs are within one of a proportional share; put together again they are as before", arguments: 1...30)
    func split(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let histogram = random.histogram()
        var finer: [Double] = []
        for (low, high) in zip(histogram.edges, histogram.edges.dropFirst()) {
            let width = high - low
            finer += [low, low + width / 4, low + width / 2]
        }
        finer.append(histogram.edges.last!)

        let split = histogram.rebinned(to: finer)

        for (bin, count) in histogram.counts.enumerated() {
            for (part, share) in [0.25, 0.25, 0.5].enumerated() {
                let error = Double(split.counts[3 * bin + part]) - share * Double(count)
                #expect(abs(error) <= 1)
            }
        }
        #expect(split.rebinned(to: histogram.edges) == histogram)
    }

    @Test("are equal to a slow count, point by point", arguments: 1...20) func slow(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let values = (0..<500).map { _ in random.gauss() }
        let wide = (-8...8).map(Double.init), one = count(values, wide)
        #expect(one.rebinned(to: [-8, -2, 0, 5, 8]) == count(values, [-8, -2, 0, 5, 8]))          // every new edge is an old one: exact

        let more = (0..<300).map { _ in random.gauss() * 0.5 }, two = count(more, [-8, -0.5, 0, 0.5, 8])
        let both = one.merged(with: two)
        #expect(both.rebinned(to: [-8, 0, 8]).counts == count(values + more, [-8, 0, 8]).counts)
        #expect(both.count == 800 && both.min == (values + more).min() && both.max == (values + more).max())
    }

    private func count(_ values: [Double], _ edges: [Double]) -> HistogramRecord {
        let counts = zip(edges, edges.dropFirst()).map { low, high in UInt64(values.count { $0 >= low && $0 < high }) }
        return HistogramRecord(name: "w", step: 1, time: 1, edges: edges, counts: counts, min: values.min()!, max: values.max()!, sum: 0, count: UInt64(values.count))
    }

    @Test("merged in any order hold all counts, NaN included, in at most as many bins as allowed", arguments: 1...40) func merged(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let all = (0..<5).map { _ in random.histogram() }, limit = 1 + random.below(200)

        let merged = all.dropFirst().reduce(all[0]) { $0.merged(with: $1, bins: limit) }

        #expect(merged.counts.reduce(0, +) == all.reduce(0) { $0 + $1.counts.reduce(0, +) })
        #expect(merged.count == all.reduce(0) { $0 + $1.count } && merged.nan == all.reduce(0) { $0 + $1.nan })
        #expect(merged.counts.count <= max(limit, all[0].counts.count) && zip(merged.edges, merged.edges.dropFirst()).allSatisfy(<))
        #expect(merged.edges.first == all.map(\.edges[0]).min() && merged.edges.last == all.map { $0.edges.last! }.max())
        #expect(merged.min == all.lazy.filter { $0.count > 0 }.map(\.min).min() ?? 0 && merged.step == all.map(\.step).max())
    }

    @Test("with edges as far apart as numbers go neither overflow nor lose a count") func far() {
        let huge = HistogramRecord(name: "w", step: 1, time: 1, edges: [-1.7e308, 0, 1.7e308], counts: [10, 20], min: -1e308, max: 1e308, sum: 0, count: 30)
        #expect(huge.rebinned(to: [-1.7e308, -0.85e308, 0, 0.85e308, 1.7e308]).counts == [5, 5, 10, 10])
        let bins = HistogramBins.common([huge], count: 4) ?? []
        #expect(bins.count == 5 && bins.first == -1.7e308 && bins[2] == 0 && bins.last == 1.7e308 && zip(bins, bins.dropFirst()).allSatisfy(<))
        #expect(HistogramBins.common([], count: 4) == nil)
        let narrow = HistogramRecord(name: "w", step: 1, time: 1, edges: [1, 1.0.nextUp], counts: [3], min: 1, max: 1, sum: 3, count: 3)
        #expect(HistogramBins.common([narrow], count: 4) == [1, 1.0.nextUp])
    }

    @Test("outside the new bins fall into the first and the last") func outside() {
        let histogram = HistogramRecord(name: "w", step: 1, time: 1, edges: [0, 1, 2, 3], counts: [1, 2, 4], min: 0, max: 3, sum: 0, count: 7)
        #expect(histogram.rebinned(to: [1, 1.5, 2]).counts == [2, 5])
        #expect(histogram.rebinned(to: [5, 6, 7]).counts == [7, 0])
        #expect(histogram.rebinned(to: [-9, -8, -7]).counts == [0, 7])
        #expect(histogram.rebinned(to: [0, 3]).counts == [7])
    }
}

@Suite("Quantiles") struct QuantileTests {
    @Test("are those of sorted values, whatever the order, non-finite ones left out", arguments: 1...20) func exact(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let values = (0..<(1 + random.below(2_000))).map { _ in random.below(20) == 0 ? [.nan, .infinity, -.infinity][random.below(3)] : random.gauss() }
        var quantiles = Quantiles(expected: values.count, range: -9...9)
        for value in values { quantiles.add(value) }

        let sorted = values.filter(\.isFinite).sorted(), found = quantiles.percentiles([0, 1, 50, 99, 100])

        let areAllNaN = found.allSatisfy(\.isNaN)
        #expect(areAllNaN == sorted.isEmpty)
        if sorted.isEmpty { return }
        #expect(found[0] == sorted.first && found[4] == sorted.last)
        for (percent, value) in zip([1.0, 50, 99], found[1...3]) {
            let place = percent / 100 * Double(sorted.count - 1), low = sorted[Int(place)], high = sorted[min(Int(place) + 1, sorted.count - 1)]
            #expect(value >= low && value <= high && abs(value - (low + (place - place.rounded(.down)) * (high - low))) < 1e-12)
        }
    }

    @Test("of more than a million values are within a bin of the exact ones") func binned() {
        var random = SeededRandom(seed: 3), quantiles = Quantiles(expected: Quantiles.exactCount + 1, range: -8...8)
        let values = (0..<200_000).map { _ in random.gauss() }
        for value in values { quantiles.add(value) }

        let sorted = values.sorted(), found = quantiles.percentiles([1, 50, 99])

        for (percent, value) in zip([0.01, 0.5, 0.99], found) { #expect(abs(value - Quantiles.interpolated(sorted, percent)) < 0.005) }
    }

    @Test("of numbers as far apart as numbers go are numbers", arguments: [3, Quantiles.exactCount + 1]) func far(expected: Int) {
        var quantiles = Quantiles(expected: expected, range: -1.7e308...1.7e308)
        for value in [-1.7e308, 0, 1.7e308] { quantiles.add(value) }
        let found = quantiles.percentiles([0, 25, 50, 75, 100])
        #expect(found.allSatisfy { $0.isFinite && abs($0) <= 1.7e308 })
    }
}

extension SeededRandom {
    /// Any histogram: of one bin or many, narrow or wide, empty or full.
    fileprivate mutating func histogram() -> HistogramRecord {
        let bins = 1 + below(below(4) == 0 ? 512 : 20), scale = [1e-9, 1, 1e12][below(3)]
        var edge = (unit() - 0.5) * scale
        let edges = [edge] + (0..<bins).map { _ in edge += (0.01 + unit()) * scale; return edge }
        let isEmpty = below(8) == 0, counts = (0..<bins).map { _ in isEmpty || below(3) == 0 ? 0 : UInt64(below(1_000_000)) }
        let count = counts.reduce(0, +)
        return HistogramRecord(name: "w", step: Int64(below(100)), time: 1, edges: edges, counts: counts, min: count == 0 ? 0 : edges[0],
                               max: count == 0 ? 0 : edges[bins], sum: unit(), count: count, nan: UInt64(below(5)))
    }
}
