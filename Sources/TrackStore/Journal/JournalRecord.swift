import TrackModel
import TrackSeries

/// One batch as it stands in the journal; drawn in `docs/formats/journal.md`.
struct JournalRecord: Equatable {
    let generation: UInt64
    let id: Int64
    /// The run's row, and its id beside it: rows may be used again.
    let run: Int64
    let code: RunID
    let attempt: Int
    let writer: String
    let sequence: UInt64
    let rows: Int
    let points: Int
    let checksum: UInt32
    let bytes: [UInt8]
    /// How much of the file was known to be on the disk when this was written.
    let safe: Int

    /// The bytes are those that were written.
    var isSound: Bool { bytes.withUnsafeBytes(Self.checksum) == checksum }

    /// "TJR" and the version.
    static let magic: UInt32 = 0x0152_4a54
    static let headBytes = 80

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 { UInt32(truncatingIfNeeded: Checksum.xxh64(bytes)) }

    /// What a batch takes in the file.
    static func size(of batch: EncodedBatch) -> Int { padded(headBytes + batch.writer.utf8.count + batch.bytes.count) }

    private static func padded(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

    /// Writes a batch behind what `buffer` holds. O(bytes).
    static func append(_ batch: EncodedBatch, generation: UInt64, id: Int64, run: Int64, code: RunID, safe: Int, to buffer: inout [UInt8]) {
        let start = buffer.count
        buffer.reserveCapacity(start + size(of: batch))
        func put<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) } }
        put(magic)
        put(UInt32(0))                      // the head's checksum, below
        put(generation)
        put(id)
        put(run)
        buffer.append(contentsOf: code.text.utf8)
        put(batch.sequence)
        put(UInt64(safe))
        put(UInt32(batch.bytes.count))
        put(batch.bytes.withUnsafeBytes(checksum))
        put(UInt32(batch.attempt))
        put(UInt32(batch.rowCount))
        put(UInt32(batch.points))
        put(UInt16(batch.writer.utf8.count))
        put(UInt16(0))
        buffer.append(contentsOf: batch.writer.utf8)
        let end = buffer.count
        let sum = buffer.withUnsafeBytes { checksum(UnsafeRawBufferPointer(rebasing: $0[start + 8..<end])) }
        buffer.withUnsafeMutableBytes { $0.storeBytes(of: sum.littleEndian, toByteOffset: start + 4, as: UInt32.self) }
        buffer.append(contentsOf: batch.bytes)
        while buffer.count < padded(buffer.count) { buffer.append(0) }
    }

    /// Reads the record at `offset`, and moves `offset` behind it.
    /// - Returns: `nil` if no record with a sound head stands there. Its bytes may still be damaged: ``isSound``.
    init?(_ file: UnsafeRawBufferPointer, at offset: inout Int) {
        let start = offset
        guard start + Self.headBytes <= file.count else { return nil }
        func get<Value: FixedWidthInteger>(_ place: Int, _ type: Value.Type = Value.self) -> Value {
            Value(littleEndian: file.loadUnaligned(fromByteOffset: start + place, as: type))
        }
        let writerEnd = start + Self.headBytes + Int(get(76, UInt16.self)), end = writerEnd + Int(get(56, UInt32.self))
        guard get(0) == Self.magic, end <= file.count,
              get(4) == Self.checksum(UnsafeRawBufferPointer(rebasing: file[start + 8..<writerEnd])),
              let code = RunID(String(decoding: file[start + 32..<start + 40], as: UTF8.self)) else { return nil }
        (generation, id, run, self.code) = (get(8), get(16), get(24), code)
        (sequence, safe, checksum) = (get(40), Int(truncatingIfNeeded: get(48, UInt64.self)), get(60))
        (attempt, rows, points) = (Int(get(64, UInt32.self)), Int(get(68, UInt32.self)), Int(get(72, UInt32.self)))
        writer = String(decoding: file[start + Self.headBytes..<writerEnd], as: UTF8.self)
        bytes = [UInt8](file[writerEnd..<end])
        offset = start + Self.padded(end - start)
    }
}
