import Testing
@testable import TrackStore

@Suite("What is kept of chunks") struct RecordCacheTests {
    private static func key(_ group: Int64) -> ChunkCache<[Int]>.Key { .init(metric: 1, group: group, hasTimes: false) }

    @Test("is read once, as long as it fits") func once() {
        let cache = ChunkCache<[Int]>(limit: 10) { content, _ in content.count }
        var reads = 0
        func content(_ group: Int64) -> [Int]? { cache.content(Self.key(group)) { reads += 1; return [Int](repeating: Int(group), count: 4) } }

        for _ in 0..<3 { for group in Int64(1)...2 { #expect(content(group) == [Int](repeating: Int(group), count: 4)) } }

        #expect(reads == 2)
    }

    @Test("gives way to what came later, but not what was asked for again") func bounded() {
        let cache = ChunkCache<[Int]>(limit: 8) { content, _ in content.count }
        var read: [Int64] = []
        func ask(_ group: Int64) { _ = cache.content(Self.key(group)) { read.append(group); return [Int](repeating: 0, count: 4) } }

        for group in [1, 2, 3, 1, 4, 5, 1, 2] as [Int64] { ask(group) }

        #expect(read == [1, 2, 3, 4, 5, 2])
    }

    @Test("is nothing that would fill a half by itself, and nothing that was not there") func refused() {
        let cache = ChunkCache<[Int]>(limit: 8) { content, hasTimes in content.count * (hasTimes ? 2 : 1) }
        var reads = 0
        func ask(_ count: Int?, hasTimes: Bool = false) -> Int? {
            cache.content(.init(metric: 1, group: 7, hasTimes: hasTimes)) { reads += 1; return count.map { [Int](repeating: 0, count: $0) } }?.count
        }

        #expect(ask(nil) == nil && ask(9) == 9 && ask(9) == 9 && reads == 3)
        #expect(ask(5, hasTimes: true) == 5 && ask(5, hasTimes: true) == 5 && reads == 5)
        #expect(ask(5) == 5 && ask(5) == 5 && reads == 6)
    }
}
