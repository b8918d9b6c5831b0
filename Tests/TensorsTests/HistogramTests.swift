import Testing
@testable import Tensors

@Suite("Histograms") struct HistogramTests {
    @Test("every element is in the bin that its edges say, in any layout") func counted() {
        let x = sample([40, 50]), bins = 10

        let histogram = x.histogram(bins: bins)

        let scalars = x.scalars.map(Double.init)
        #expect(histogram.edges.count == bins + 1 && histogram.edges.first == scalars.min() && histogram.edges.last == scalars.max())
        for bin in 0..<bins {
            let (low, high) = (histogram.edges[bin], histogram.edges[bin + 1])
            #expect(Int(histogram.counts[bin]) == scalars.count { $0 >= low && ($0 < high || bin == bins - 1) }, "bin \(bin)")
        }
        #expect(histogram.count == 2000 && abs(histogram.sum - scalars.reduce(0, +)) < 1e-9)
        #expect(x.transpose().histogram(bins: bins) == histogram && x.slice(0..<20).histogram().count == 1000)
    }

    @Test("NaN is counted apart, infinities in the outermost bins; equal and missing elements have a range too") func special() {
        let mixed = Tensor([1, .nan, 3, .infinity, -.infinity, .nan, 2]).histogram(bins: 2)
        let equal = Tensor([5, 5, 5]).histogram(bins: 2), huge = Tensor([3e38, 3e38]).histogram(bins: 4), none = Tensor.zeros([0]).histogram(bins: 3)

        #expect(mixed.counts == [2, 3] && mixed.min == 1 && mixed.max == 3 && mixed.sum == 6 && mixed.count == 5 && mixed.nanCount == 2)
        #expect(equal.edges == [4.5, 5, 5.5] && equal.counts == [0, 3])
        #expect(huge.counts.reduce(0, +) == 2 && huge.edges.first! < huge.edges.last!)
        #expect(none.counts == [0, 0, 0] && none.count == 0 && none.min == 0 && none.edges.first == -0.5)
    }

    @Test("any number of threads counts the same") func threads() {
        let before = Compute.threads
        defer { Compute.threads = before }
        let x = sample([100_003])
        Compute.threads = 1
        let one = x.histogram()
        Compute.threads = 4

        #expect(x.histogram() == one)
    }
}
