/// Row groups and chunks as blobs: `docs/formats/chunk.md`.
public enum ChunkCodec {
    /// One metric's part of a row group.
    public struct EncodedChunk: Sendable {
        /// Empty when every row has a value.
        public var presence: [UInt8]
        /// The lowest level of the pyramid.
        public var records: [UInt8]
        public var values: [UInt8]
        public var points: Int
        /// The next level, for the series' pages.
        public var upper: [PyramidRecord]
    }

    public static func encode(steps: [Int64]) -> [UInt8] { encode(steps, .steps) }
    public static func encode(times: [Int64]) -> [UInt8] { encode(times, .times) }

    private static func encode(_ integers: [Int64], _ kind: Blob.Kind) -> [UInt8] {
        var bytes = Blob.make()
        bytes.add(UInt32(integers.count))
        IntegerColumn.encode(integers, into: &bytes)
        Blob.seal(&bytes, kind)
        return bytes
    }

    public static func decodeSteps(_ raw: UnsafeRawBufferPointer) throws -> [Int64] { try decode(raw, .steps) }

    /// Steps of which only some are wanted: those of a regular run need not be written out.
    public static func decodeSparseSteps(_ raw: UnsafeRawBufferPointer) throws -> SparseSteps {
        var reader = try Blob.open(raw, .steps)
        let count = Int(try reader.integer(UInt32.self))
        guard count <= [UInt8].longestColumn else { throw DamagedBytes("a column of \(count) numbers is impossible") }
        if count > 0, let parts = try IntegerColumn.stride(&reader) { return SparseSteps(count: count, form: .regular(first: parts.first, stride: parts.stride)) }
        return SparseSteps(count: count, form: .listed(try IntegerColumn.decode(&reader, count: count)))
    }
    public static func decodeTimes(_ raw: UnsafeRawBufferPointer) throws -> [Int64] { try decode(raw, .times) }

    private static func decode(_ raw: UnsafeRawBufferPointer, _ kind: Blob.Kind) throws -> [Int64] {
        var reader = try Blob.open(raw, kind)
        return try IntegerColumn.decode(&reader, count: Int(try reader.integer(UInt32.self)))
    }

    /// Encodes one column of a group.
    public static func encode(_ column: RowGroup.Column, of group: RowGroup) -> EncodedChunk {
        let steps = column.rows.map { $0.map { group.steps[Int($0)] } } ?? group.steps
        let times = column.rows.map { $0.map { group.times[Int($0)] } } ?? group.times
        let lowest = stride(from: 0, to: column.values.count, by: PyramidRecord.points).map { start in
            PyramidRecord(steps: steps, times: times, values: column.values, range: start..<Swift.min(start + PyramidRecord.points, column.values.count))
        }
        var values = Blob.make()
        values.add(UInt32(column.values.count))
        DoubleColumn.encode(column.values, into: &values)
        Blob.seal(&values, .values)
        // Records read faster than they could be recombined, but a chunk of one record needs none.
        return EncodedChunk(
            presence: column.rows.map(encodePresence) ?? [], records: lowest.count > 1 ? RecordColumns.encodeLowest(lowest) : [],
            values: values, points: column.values.count, upper: linked(PyramidRecord.coarser(lowest)))
    }

    /// A record's times ascend also from the record before: a run of flags then proves a whole range.
    private static func linked(_ records: [PyramidRecord]) -> [PyramidRecord] {
        var records = records
        for index in records.indices.dropFirst() where records[index].firstTime < records[index - 1].lastTime { records[index].timesAscend = false }
        return records
    }

    private static func encodePresence(_ rows: [Int32]) -> [UInt8] {
        var bytes = Blob.make()
        bytes.add(UInt32(rows.count))
        IntegerColumn.encode(rows.map(Int64.init), into: &bytes)
        Blob.seal(&bytes, .presence)
        return bytes
    }

    /// The rows that have a value.
    /// - Parameter rows: How many rows the group has; a place beyond is damage.
    public static func decodePresence(_ raw: UnsafeRawBufferPointer, rows: Int) throws -> [Int32]? {
        if raw.isEmpty { return nil }
        var reader = try Blob.open(raw, .presence)
        let places = try IntegerColumn.decode(&reader, count: Int(try reader.integer(UInt32.self)))
        guard zip(places, places.dropFirst()).allSatisfy(<), places.first ?? 0 >= 0, places.last ?? 0 < Int64(rows) else {
            throw DamagedBytes("a chunk's rows do not ascend within its group")
        }
        return places.map(Int32.init)
    }

    public static func decodeValues(_ raw: UnsafeRawBufferPointer) throws -> [Double] {
        var reader = try Blob.open(raw, .values)
        return try DoubleColumn.decode(&reader, count: Int(try reader.integer(UInt32.self)))
    }

    /// The records of the lowest level; steps and times come from the points' own.
    public static func decodeRecords(_ raw: UnsafeRawBufferPointer, steps: SparseSteps, times: [Int64]?) throws -> [PyramidRecord] {
        try RecordColumns.decodeLowest(raw, steps: steps, times: times)
    }
}

/// The steps of a group, each at hand in O(1).
public struct SparseSteps: Sendable {
    enum Form: Sendable {
        case regular(first: Int64, stride: Int64)
        case listed([Int64])
    }

    public let count: Int
    let form: Form

    init(count: Int, form: Form) { (self.count, self.form) = (count, form) }

    public init(_ steps: [Int64]) { self.init(count: steps.count, form: .listed(steps)) }

    @inline(__always)
    public subscript(place: Int) -> Int64 {
        switch form {
        case .regular(let first, let stride): first &+ Int64(place) &* stride
        case .listed(let steps): steps[place]
        }
    }
}
