import Foundation

/// Writes batches in the binary form of `docs/formats/batch.md`.
public enum BatchCodec {
    static let magic: UInt32 = 0x424B_5254      // "TRKB", read as little-endian
    static let headerBytes = 40
    public static let contentType = "application/vnd.track.batch"

    /// Encodes a batch. O(bytes); the columns are copied as they are.
    ///
    /// - Precondition: every column has as many values as present rows; steps and times are of one length.
    public static func encode(_ batch: Batch) -> [UInt8] {
        precondition(batch.steps.count == batch.times.count,
                     "A batch has one time for each step; got \(batch.steps.count) steps and \(batch.times.count) times.")
        let extras = encodeExtras(batch.extras)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + 1_024 + extras.count + 16 * batch.steps.count + 8 * batch.points)
        appendHeader(of: batch, extrasLength: extras.count, to: &bytes)
        bytes.append(array: batch.steps)
        bytes.append(array: batch.times)
        for column in batch.columns {
            if let presence = column.presence { bytes.append(array: presence) }
            bytes.append(array: column.values)
        }
        bytes.append(contentsOf: extras)
        return bytes
    }

    private static func appendHeader(of batch: Batch, extrasLength: Int, to bytes: inout [UInt8]) {
        let namesLength = batch.columns.reduce(0) { $0 + 3 + $1.name.utf8.count }
        bytes.append(integer: magic)
        bytes.append(integer: UInt16(1))
        bytes.append(integer: UInt16(0))
        bytes.append(integer: UInt32(batch.attempt))
        bytes.append(integer: UInt32(batch.steps.count))
        bytes.append(integer: UInt32(batch.columns.count))
        bytes.append(integer: UInt32(extrasLength))
        bytes.append(integer: batch.sequence)
        bytes.append(integer: UInt32(namesLength))
        bytes.append(integer: UInt32(batch.writer.utf8.count))     // one byte of length, three of zero
        bytes.append(contentsOf: batch.writer.utf8)
        for column in batch.columns {
            bytes.append(integer: UInt16(column.name.utf8.count))
            bytes.append(column.presence == nil ? 0 : 1)
            bytes.append(contentsOf: column.name.utf8)
        }
        bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
    }

    static func encodeExtras(_ extras: BatchExtras) -> [UInt8] {
        if extras.isEmpty { return [] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy =
            .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return [UInt8]((try? encoder.encode(extras)) ?? Data())
    }

    /// A decoder that reads the words for non-finite numbers.
    public static func makeJSONDecoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy =
            .convertFromString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return decoder
    }
}

extension [UInt8] {
    mutating func append(integer value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends the elements' own bytes: every platform we run on is little-endian.
    mutating func append<Item: BitwiseCopyable>(array: [Item]) {
        array.withUnsafeBytes { append(contentsOf: $0) }
    }
}
