/// One chunk as its series' pages know it: where it lies and its records of the second level.
public struct ChunkEntry: Sendable, Equatable {
    public var group: Int64
    /// At least one.
    public var records: [PyramidRecord]

    public init(group: Int64, records: [PyramidRecord]) { (self.group, self.records) = (group, records) }

    public var firstStep: Int64 { records[0].firstStep }
    public var lastStep: Int64 { records[records.count - 1].lastStep }
    public var points: Int { records.reduce(0) { $0 + $1.count } }
}

/// The upper part of a series' pyramid: entries of consecutive chunks in one blob. `docs/formats/pyramid.md`.
public enum PyramidPage {
    /// Chunks in one page.
    public static let size = 32

    public static func encode(_ entries: [ChunkEntry]) -> [UInt8] {
        var bytes = Blob.make()
        let records = entries.flatMap(\.records)
        bytes.add(UInt32(entries.count))
        bytes.add(UInt32(records.count))
        IntegerColumn.encode(entries.map(\.group), into: &bytes)
        IntegerColumn.encode(entries.map { Int64($0.records.count) }, into: &bytes)
        RecordColumns.encodeWhole(records, &bytes)
        Blob.seal(&bytes, .page)
        return bytes
    }

    public static func decode(_ raw: UnsafeRawBufferPointer) throws -> [ChunkEntry] {
        var reader = try Blob.open(raw, .page)
        let count = Int(try reader.integer(UInt32.self)), total = Int(try reader.integer(UInt32.self))
        let groups = try IntegerColumn.decode(&reader, count: count), lengths = try IntegerColumn.decode(&reader, count: count)
        guard lengths.allSatisfy({ $0 >= 1 && $0 <= total }), lengths.reduce(0, &+) == total else { throw DamagedBytes("a page's chunks have no records") }
        let records = try RecordColumns.decodeWhole(&reader, total)
        var start = 0
        return zip(groups, lengths).map { group, length in
            defer { start += Int(length) }
            return ChunkEntry(group: group, records: Array(records[start..<(start + Int(length))]))
        }
    }
}
