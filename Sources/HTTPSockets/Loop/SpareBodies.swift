/// Memory of large bodies that are done, for the next ones: fresh memory costs a page fault for each 4 kB, which takes longer
/// than to receive into it. It is kept for a moment only.
struct SpareBodies {
    /// Smaller ones come from the allocator's own lists.
    static let smallest = 128 * 1024
    static let largest = 4 << 20
    private static let total = 16 << 20
    /// Nanoseconds without use until the memory is given back.
    static let lifetime: Int64 = 1_000_000_000

    private var bodies: [[UInt8]] = []
    private var byteCount = 0
    private var lastUse: Int64 = 0

    var isEmpty: Bool { bodies.isEmpty }

    mutating func keep(_ body: consuming [UInt8], now: Int64) {
        guard body.count >= Self.smallest, body.count <= Self.largest, byteCount + body.count <= Self.total else { return }
        byteCount += body.count
        lastUse = now
        bodies.append(body)
    }

    /// The memory given back last, if a body of this length is worth it; empty otherwise.
    mutating func take(for length: Int?) -> [UInt8] {
        guard let length, length >= Self.smallest, let body = bodies.popLast() else { return [] }
        byteCount -= body.count
        return body
    }

    mutating func expire(now: Int64) {
        guard !bodies.isEmpty, now - lastUse >= Self.lifetime else { return }
        (bodies, byteCount) = ([], 0)
    }
}
