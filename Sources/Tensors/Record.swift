/// What an operation keeps for its gradient, and the function that hands the gradient on.
struct Record<Kept> {
    let kept: Kept
    let step: (Kept, Tensor, Backward) -> Void
}

/// What can be done with a record whose type is forgotten.
private protocol AnyRecord {
    static func run(_ place: UnsafeMutableRawPointer, _ gradient: Tensor, _ flow: Backward, keeping: Bool)
    static func destroy(_ place: UnsafeMutableRawPointer)
}

extension Record: AnyRecord {
    fileprivate static func run(_ place: UnsafeMutableRawPointer, _ gradient: Tensor, _ flow: Backward, keeping: Bool) {
        let pointer = place.assumingMemoryBound(to: Self.self)
        let record = keeping ? pointer.pointee : pointer.move()
        record.step(record.kept, gradient, flow)
    }

    fileprivate static func destroy(_ place: UnsafeMutableRawPointer) {
        place.assumingMemoryBound(to: Self.self).deinitialize(count: 1)
    }
}

/// A record in the room of a node. A node is used for one operation after another, so its room holds any record: a box of its own
/// for each would be an allocation for each operation.
struct StoredRecord {
    private static let size = 384, alignment = 16

    private let type: any AnyRecord.Type
    private let place: UnsafeMutableRawPointer

    /// Memory for one record at a time.
    static func makeRoom() -> UnsafeMutableRawPointer { .allocate(byteCount: size, alignment: alignment) }

    @inline(__always)
    init<Kept>(_ record: consuming Record<Kept>, in room: UnsafeMutableRawPointer) {
        require(MemoryLayout<Record<Kept>>.size <= StoredRecord.size && MemoryLayout<Record<Kept>>.alignment <= StoredRecord.alignment,
                "An operation keeps \(MemoryLayout<Record<Kept>>.size) bytes for its gradient; keep a reference instead")
        room.initializeMemory(as: Record<Kept>.self, to: record)
        (type, place) = (Record<Kept>.self, room)
    }

    /// Unless `keeping`, what the operation kept is let go, and the room is free.
    func run(_ gradient: Tensor, _ flow: Backward, keeping: Bool) { type.run(place, gradient, flow, keeping: keeping) }

    /// Lets go of what the operation kept, and of the room.
    func discard() {
        type.destroy(place)
        place.deallocate()
    }
}
