import TrackModel

/// Reads the records of one segment in order. A value: keep a copy to go back.
///
/// Stops before anything that is not whole: a record that is still being written, or torn by a power failure.
struct SpoolCursor {
    let segment: Segment
    private(set) var offset = SpoolFormat.headerBytes
    private(set) var step: Int64 = 0
    private(set) var time: Int64
    private(set) var layouts: [[String]] = []

    init(_ segment: Segment) {
        self.segment = segment
        time = SegmentHeader(segment.base)?.time ?? 0
    }

    var position: SpoolPosition { SpoolPosition(segment: segment.number, offset: UInt32(offset)) }

    /// One record, valid as long as the segment is.
    enum Record {
        /// `layout` indexes ``SpoolCursor/layouts``.
        case row(layout: Int, step: Int64, time: Int64, values: UnsafeRawPointer, isNarrow: Bool)
        case histogram(UnsafeRawBufferPointer)
        case extras(UnsafeRawBufferPointer)
        case end(UnsafeRawBufferPointer)
        case roll
        /// A declaration, already taken note of.
        case declaration
    }

    /// The next record, or why there is none.
    enum Step {
        case record(Record)
        /// Nothing is written here yet.
        case nothing
        /// Something is, but it is not whole: the disk lost a part of it.
        case torn
    }

    mutating func next() -> Step {
        let record = UnsafeRawPointer(segment.base) + offset
        guard offset + SpoolFormat.recordHeaderBytes <= segment.capacity else { return .nothing }
        let check = SpoolFormat.committed(at: record)
        if check == 0 { return .nothing }
        let kind = record.load(fromByteOffset: 4, as: UInt8.self), layout = record.load(fromByteOffset: 6, as: UInt16.self)
        let third = Int(record.load(fromByteOffset: 8, as: UInt32.self))
        let payload: Int
        switch kind {
        case SpoolFormat.Kind.row64, SpoolFormat.Kind.row32:
            guard Int(layout) < layouts.count else { return .torn }
            payload = layouts[Int(layout)].count * (kind == SpoolFormat.Kind.row64 ? 8 : 4)
        default: payload = third
        }
        let size = SpoolFormat.recordHeaderBytes + payload
        guard payload >= 0, payload % 4 == 0, offset + size <= segment.capacity,
              SpoolFormat.check(record + 4, count: size - 4, seed: segment.number) == check else { return .torn }
        guard let read = interpret(record, kind, layout, third) else { return .torn }
        offset += size
        return .record(read)
    }

    private mutating func interpret(_ record: UnsafeRawPointer, _ kind: UInt8, _ layout: UInt16, _ third: Int) -> Record? {
        let start = record + SpoolFormat.recordHeaderBytes
        var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: max(0, third - Int(layout & 3))) }
        switch kind {
        case SpoolFormat.Kind.row64, SpoolFormat.Kind.row32:
            step &+= Int64(record.load(fromByteOffset: 5, as: Int8.self))
            time &+= Int64(third)
            return .row(layout: Int(layout), step: step, time: time, values: start, isNarrow: kind == SpoolFormat.Kind.row32)
        case SpoolFormat.Kind.base where third == 16:
            step = start.loadUnaligned(as: Int64.self)
            time = start.loadUnaligned(fromByteOffset: 8, as: Int64.self)
            return .declaration
        case SpoolFormat.Kind.layout where Int(layout) == layouts.count:
            guard let names = names(UnsafeRawBufferPointer(start: start, count: third)) else { return nil }
            layouts.append(names)
            return .declaration
        case SpoolFormat.Kind.histogram: return .histogram(payload)
        case SpoolFormat.Kind.extras: return .extras(payload)
        case SpoolFormat.Kind.end: return .end(payload)
        case SpoolFormat.Kind.roll: return .roll
        default: return nil
        }
    }

    private func names(_ bytes: UnsafeRawBufferPointer) -> [String]? {
        guard bytes.count >= 2 else { return nil }
        var names: [String] = [], offset = 2
        for _ in 0..<bytes.loadUnaligned(as: UInt16.self) {
            guard offset + 2 <= bytes.count else { return nil }
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            guard offset + 2 + length <= bytes.count else { return nil }
            names.append(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[offset + 2..<offset + 2 + length]), as: UTF8.self))
            offset += 2 + length
        }
        return names
    }
}
