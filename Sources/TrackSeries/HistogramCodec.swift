public import TrackModel

/// Packs histograms for the store: `docs/formats/histogram.md`.
public enum HistogramCodec {
    static let version: UInt8 = 1
    private static let fixedBytes = 56

    /// The bytes of one histogram; its name, step and time stand in the table beside it.
    public static func encode(_ histogram: HistogramRecord) -> [UInt8] {
        let bins = histogram.counts.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fixedBytes + 16 * bins + 8)
        append(UInt32(version), &bytes)
        append(UInt32(bins), &bytes)
        for value in [histogram.min, histogram.max, histogram.sum] { append(value.bitPattern, &bytes) }
        for value in [histogram.count, histogram.nan] { append(value, &bytes) }
        for edge in histogram.edges { append(edge.bitPattern, &bytes) }
        for count in histogram.counts { append(count, &bytes) }
        append(UInt64(Checksum.crc32(bytes)), &bytes)
        return bytes
    }

    /// The histogram, or `nil` if the bytes are damaged.
    public static func decode(_ bytes: some Collection<UInt8>, name: String, step: Int64, time: Int64) -> HistogramRecord? {
        let bytes = Array(bytes)
        return bytes.withUnsafeBytes { raw -> HistogramRecord? in
            guard raw.count >= fixedBytes, word(raw, 0) & 0xFFFF_FFFF == UInt64(version) else { return nil }
            let bins = Int(word(raw, 0) >> 32)
            guard bins >= 1, raw.count == fixedBytes + 16 * bins + 8 else { return nil }
            guard word(raw, raw.count - 8) == UInt64(Checksum.crc32(UnsafeRawBufferPointer(rebasing: raw[..<(raw.count - 8)]))) else { return nil }
            let edges = (0...bins).map { Double(bitPattern: word(raw, 48 + 8 * $0)) }
            let counts = (0..<bins).map { word(raw, fixedBytes + 8 * bins + 8 * $0) }
            return HistogramRecord(
                name: name, step: step, time: time, edges: edges, counts: counts, min: Double(bitPattern: word(raw, 8)),
                max: Double(bitPattern: word(raw, 16)), sum: Double(bitPattern: word(raw, 24)), count: word(raw, 32), nan: word(raw, 40))
        }
    }

    private static func append(_ value: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func word(_ raw: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
