/// Deadlines of many connections at little cost: a deadline that is moved later costs nothing, and a wheel's slot is only
/// looked at when its time has come.
///
/// Entries are descriptors, linked through arrays; each has at most one place. What fires early (its deadline moved, or it
/// lies more than a turn ahead) is simply scheduled again by its owner.
struct TimerWheel {
    /// Nanoseconds of one slot: how late a time-out may be.
    static let tick: Int64 = 100_000_000
    private static let slotCount = 1024

    private var heads = [Int32](repeating: -1, count: slotCount)
    private var links: [Link] = []
    private var current: Int64
    private(set) var count = 0

    private struct Link {
        var next: Int32 = -1, previous: Int32 = -1
        var slot: Int32 = -1
    }

    /// - Parameter now: Nanoseconds of a monotonic clock.
    init(now: Int64) { current = now / Self.tick }

    /// Schedules an entry, or moves it.
    mutating func schedule(_ entry: Int32, at deadline: Int64) {
        remove(entry)
        while links.count <= Int(entry) { links.append(Link()) }
        let wanted = deadline / Self.tick + 1
        let tick = min(max(wanted, current + 1), current + Int64(Self.slotCount) - 1)
        let slot = Int(tick % Int64(Self.slotCount))
        let next = heads[slot]
        links[Int(entry)] = Link(next: next, previous: -1, slot: Int32(slot))
        if next >= 0 { links[Int(next)].previous = entry }
        heads[slot] = entry
        count += 1
    }

    mutating func remove(_ entry: Int32) {
        guard Int(entry) < links.count, links[Int(entry)].slot >= 0 else { return }
        let link = links[Int(entry)]
        if link.previous >= 0 { links[Int(link.previous)].next = link.next } else { heads[Int(link.slot)] = link.next }
        if link.next >= 0 { links[Int(link.next)].previous = link.previous }
        links[Int(entry)].slot = -1
        count -= 1
    }

    /// Takes out what is due at `now`.
    mutating func due(_ now: Int64, into fired: inout [Int32]) {
        let target = now / Self.tick
        guard target > current else { return }
        // After a long sleep one turn covers every slot.
        let first = max(current + 1, target - Int64(Self.slotCount) + 1)
        if count > 0 {
            for tick in first...target {
                let slot = Int(tick % Int64(Self.slotCount))
                while heads[slot] >= 0 {
                    fired.append(heads[slot])
                    remove(heads[slot])
                }
            }
        }
        current = target
    }

    /// Milliseconds until the next slot with entries, −1 without any.
    func millisecondsToNext(_ now: Int64) -> Int32 {
        guard count > 0 else { return -1 }
        var tick = current + 1
        while heads[Int(tick % Int64(Self.slotCount))] < 0 { tick += 1 }
        return Int32(clamping: max(0, (tick * Self.tick - now) / 1_000_000 + 1))
    }
}
