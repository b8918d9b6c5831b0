import Testing
import TrackSeries

@Suite("Thinning") struct ThinningTests {
    @Test("keeps first and last, never more than asked", arguments: [(0, 5), (1, 1), (5, 5), (6, 5), (100, 7), (100, 1), (3, 2)])
    func evenly(count: Int, limit: Int) {
        let places = Thinning.evenly(count, to: limit)

        #expect(places.count == min(count, limit) && places.last == (count == 0 ? nil : count - 1))
        #expect(limit == 1 || count == 0 || places.first == 0)
        #expect(Set(places).count == places.count)
    }
}
