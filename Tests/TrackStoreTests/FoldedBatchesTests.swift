import Testing
@testable import TrackStore

@Suite("Rows of folded batches") struct FoldedBatchesTests {
    private let start = ContinuousClock.now

    @Test("go in the order in which they came, as far as nothing before them is still to be folded") func order() {
        var folded = FoldedBatches()
        folded.add([2, 4, 6], at: start)
        folded.add([1, 3], at: start)

        #expect(folded.next(before: 5, most: 10, at: start) == [1, 2, 3, 4])
        #expect(folded.next(before: 5, most: 3, at: start) == [1, 2, 3])
        #expect(folded.next(before: 1, most: 3, at: start) == [])
        #expect(folded.next(before: nil, most: 10, at: start) == [1, 2, 3, 4, 6])
        folded.removeFirst(3)
        #expect(folded.next(before: nil, most: 10, at: start) == [4, 6])
    }

    @Test("do not wait for ever for a run that says little") func patience() {
        var folded = FoldedBatches()
        folded.add([5, 6], at: start)
        folded.add([8], at: start + .seconds(20))

        #expect(folded.next(before: 2, most: 10, at: start + .seconds(29)) == [])
        #expect(folded.next(before: 2, most: 10, at: start + .seconds(30)) == [5, 6])
        folded.removeFirst(2)
        #expect(folded.next(before: 2, most: 10, at: start + .seconds(30)) == [])
        #expect(folded.next(before: 2, most: 10, at: start + .seconds(50)) == [8])
    }
}
