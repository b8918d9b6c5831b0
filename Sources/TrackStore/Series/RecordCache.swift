import Synchronization
import TrackSeries

/// The lowest records of chunks that were read lately. A chunk never changes under its number, so nothing here grows old.
///
/// Two halves: what is asked for again moves from the old half into the young one; a full young half becomes the old one.
final class RecordCache: Sendable {
    private struct Key: Hashable {
        let metric: Int64
        let group: Int64
        let hasTimes: Bool
    }

    private struct Halves {
        var young: [Key: [PyramidRecord]] = [:]
        var old: [Key: [PyramidRecord]] = [:]
        var count = 0
    }

    private let halves = Mutex(Halves())
    /// Records in one half: some 120 bytes each, so 65 536 are 8 MB and stand for four million points.
    private let limit: Int

    init(limit: Int = 65_536) { self.limit = limit }

    /// The records of a chunk, read by `load` if they are not at hand.
    func records(metric: Int64, group: Int64, hasTimes: Bool, load: () throws -> [PyramidRecord]?) rethrows -> [PyramidRecord]? {
        let key = Key(metric: metric, group: group, hasTimes: hasTimes)
        if let known = halves.withLock({ find(key, &$0) }) { return known }
        guard let loaded = try load() else { return nil }
        halves.withLock { keep(loaded, key, &$0) }
        return loaded
    }

    private func find(_ key: Key, _ halves: inout Halves) -> [PyramidRecord]? {
        if let known = halves.young[key] { return known }
        guard let known = halves.old.removeValue(forKey: key) else { return nil }
        keep(known, key, &halves)
        return known
    }

    private func keep(_ records: [PyramidRecord], _ key: Key, _ halves: inout Halves) {
        if halves.count + records.count > limit { halves = Halves(old: halves.young) }
        if halves.young.updateValue(records, forKey: key) == nil { halves.count += records.count }
    }
}
