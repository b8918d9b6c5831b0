import Synchronization
import TrackSeries

/// What was decoded of chunks lately: their records of the lowest level, and their points. A chunk never changes under its number, so nothing here grows old.
///
/// Pictures of the same runs are asked for again and again: at a reload, at each zoom, by everybody who opens the link. Of 100 runs of 10 000 points
/// each, reading and unpacking the points was a third of the work.
final class RecordCache: Sendable {
    /// Records in one half: some 120 bytes each, so 65 536 are 8 MB and stand for four million points.
    private let kept = ChunkCache<[PyramidRecord]>(limit: 65_536) { records, _ in records.count }
    /// 8-byte numbers in one half: 16 MB, a million points of which steps and values are kept.
    private let unpacked = ChunkCache<SeriesPoints>(limit: 1 << 21) { points, hasTimes in points.count * (hasTimes ? 3 : 2) }

    /// The records of a chunk, read by `load` if they are not at hand.
    func records(metric: Int64, group: Int64, hasTimes: Bool, load: () throws -> [PyramidRecord]?) rethrows -> [PyramidRecord]? {
        try kept.content(.init(metric: metric, group: group, hasTimes: hasTimes), load: load)
    }

    /// The points of a chunk, read by `load` if they are not at hand.
    func points(metric: Int64, group: Int64, hasTimes: Bool, load: () throws -> SeriesPoints) rethrows -> SeriesPoints {
        try unpacked.content(.init(metric: metric, group: group, hasTimes: hasTimes), load: load)!
    }
}

/// Contents of chunks within a bound.
///
/// Two halves: what is asked for again moves from the old half into the young one; a full young half becomes the old one.
final class ChunkCache<Content: Sendable>: Sendable {
    struct Key: Hashable, Sendable {
        let metric: Int64
        let group: Int64
        let hasTimes: Bool
    }

    private struct Halves {
        var young: [Key: Content] = [:]
        var old: [Key: Content] = [:]
        var cost = 0
    }

    private let halves = Mutex(Halves())
    private let limit: Int
    private let cost: @Sendable (_ content: Content, _ hasTimes: Bool) -> Int

    /// - Parameters:
    ///   - limit: The cost of what one half may hold.
    ///   - cost: What one content costs.
    init(limit: Int, cost: @escaping @Sendable (_ content: Content, _ hasTimes: Bool) -> Int) { (self.limit, self.cost) = (limit, cost) }

    /// What is kept under a key, else what `load` reads; nothing that costs more than a half is kept.
    func content(_ key: Key, load: () throws -> Content?) rethrows -> Content? {
        if let known = halves.withLock({ find(key, &$0) }) { return known }
        guard let loaded = try load() else { return nil }
        halves.withLock { keep(loaded, key, &$0) }
        return loaded
    }

    private func find(_ key: Key, _ halves: inout Halves) -> Content? {
        if let known = halves.young[key] { return known }
        guard let known = halves.old.removeValue(forKey: key) else { return nil }
        keep(known, key, &halves)
        return known
    }

    private func keep(_ content: Content, _ key: Key, _ halves: inout Halves) {
        let added = cost(content, key.hasTimes)
        if added > limit { return }
        if halves.cost + added > limit { halves = Halves(old: halves.young) }
        if halves.young.updateValue(content, forKey: key) == nil { halves.cost += added }
    }
}
