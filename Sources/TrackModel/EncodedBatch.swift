import Foundation

/// A batch in its binary form, checked once: the header is decoded, every offset is known to lie inside, columns are read in place.
///
/// Whoever holds an `EncodedBatch` need not check again: lengths agree, names are unique and within limits, presence bits lie within
/// the rows. Steps, times and values are whatever the writer sent.
public struct EncodedBatch: Sendable {
    public let bytes: [UInt8]
    public let attempt: Int
    public let writer: String
    public let sequence: UInt64
    public let rowCount: Int
    public let columns: [ColumnLayout]
    @usableFromInline let stepsOffset: Int
    let extrasOffset: Int

    /// Where one column lies in ``EncodedBatch/bytes``.
    public struct ColumnLayout: Sendable, Equatable {
        public let name: String
        /// Offset of the bitmap; `nil` when every row has a value.
        public let presenceOffset: Int?
        public let valuesOffset: Int
        public let valueCount: Int
    }

    /// Checks and indexes `bytes`. O(names + bitmaps), not O(values).
    /// - Throws: ``BatchError`` that names the first thing that is wrong.
    public init(_ bytes: [UInt8], limits: BatchLimits = BatchLimits()) throws {
        var reader = BatchReader(bytes: bytes)
        let header = try reader.header(limits)
        let writer = try reader.text(header.writerLength, as: "writer")
        let names = try reader.names(header, limits)
        reader.align()
        stepsOffset = reader.offset
        try reader.skip(16 * header.rows, as: "steps and times")
        columns = try names.map { try reader.column(name: $0.name, hasBitmap: $0.hasBitmap, rows: header.rows) }
        extrasOffset = reader.offset
        try reader.skip(header.extrasLength, as: "extras")
        guard reader.offset == bytes.count else {
            throw BatchError.length(expected: reader.offset, given: bytes.count)
        }
        (self.bytes, self.writer, rowCount) = (bytes, writer, header.rows)
        (attempt, sequence) = (header.attempt, header.sequence)
    }

    /// Encodes and indexes a batch in one go.
    public init(_ batch: Batch, limits: BatchLimits = BatchLimits()) throws {
        try self.init(BatchCodec.encode(batch), limits: limits)
    }

    /// Other bytes that are laid out like those of a batch before.
    init(_ bytes: [UInt8], layout: BatchLayouts.Layout, attempt: Int, sequence: UInt64) {
        (self.bytes, self.attempt, self.sequence) = (bytes, attempt, sequence)
        (writer, rowCount, columns) = (layout.writer, layout.rowCount, layout.columns)
        (stepsOffset, extrasOffset) = (layout.head.count, layout.extrasOffset)
    }

    /// The same layout over other bytes.
    init(copying other: EncodedBatch, bytes: [UInt8], attempt: Int, sequence: UInt64) {
        (self.bytes, self.attempt, self.sequence) = (bytes, attempt, sequence)
        (writer, rowCount, columns) = (other.writer, other.rowCount, other.columns)
        (stepsOffset, extrasOffset) = (other.stepsOffset, other.extrasOffset)
    }

    public var points: Int { columns.reduce(0) { $0 + $1.valueCount } }
    public var steps: [Int64] { array(at: stepsOffset, count: rowCount) }
    /// Microseconds since 1970.
    public var times: [Int64] { array(at: stepsOffset + 8 * rowCount, count: rowCount) }
    public func values(_ column: ColumnLayout) -> [Double] { array(at: column.valuesOffset, count: column.valueCount) }
    public func presence(_ column: ColumnLayout) -> [UInt64]? {
        column.presenceOffset.map { array(at: $0, count: (rowCount + 63) / 64) }
    }
    public var hasExtras: Bool { extrasOffset < bytes.count }

    /// What stands beside the rows. O(extras).
    /// - Throws: ``BatchError/extras(_:)`` if it is not the JSON that the format asks for.
    public func extras() throws -> BatchExtras {
        guard hasExtras else { return BatchExtras() }
        do {
            return try BatchCodec.makeJSONDecoder().decode(BatchExtras.self, from: Data(bytes[extrasOffset...]))
        } catch {
            throw BatchError.extras(describe(error))
        }
    }

    /// The batch as plain values.
    public func decoded() throws -> Batch {
        Batch(attempt: attempt, writer: writer, sequence: sequence, steps: steps, times: times,
              columns: columns.map { Batch.Column(name: $0.name, presence: presence($0), values: values($0)) }, extras: try extras())
    }

    private func array<Element: BitwiseCopyable>(at offset: Int, count: Int) -> [Element] {
        [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count * 8]))
            }
            initialized = count
        }
    }
}

extension Array<EncodedBatch.ColumnLayout> {
    /// Whether columns have the same names in the same order. O(1) for batches of ``BatchLayouts``, which share what they have in common.
    public func haveNames(of others: Self) -> Bool {
        guard count == others.count else { return false }
        if withUnsafeBufferPointer({ own in others.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress } }) { return true }
        for index in indices where self[index].name != others[index].name { return false }
        return true
    }
}

/// Says in words where a JSON value was not what was expected.
public func describe(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the top level" : "\"" + keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".") + "\""
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context): return "\"\(key.stringValue)\" is missing at \(path(context.codingPath))"
    case DecodingError.typeMismatch(let type, let context): return "\(path(context.codingPath)) is not a \(type)"
    case DecodingError.valueNotFound(let type, let context): return "\(path(context.codingPath)) is null where a \(type) is needed"
    case DecodingError.dataCorrupted(let context): return "\(path(context.codingPath)): \(context.debugDescription)"
    default: return "\(error)"
    }
}
