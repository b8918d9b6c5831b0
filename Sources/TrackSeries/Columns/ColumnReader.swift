/// Stored bytes are not what was written.
public struct DamagedBytes: Error, Sendable, Equatable, CustomStringConvertible {
    public let what: String
    init(_ what: String) { self.what = what }
    public var description: String { what }
}

/// Reads little-endian numbers in turn, never beyond the end.
struct ColumnReader {
    let raw: UnsafeRawBufferPointer
    var offset = 0

    init(_ raw: UnsafeRawBufferPointer) { self.raw = raw }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) throws -> Value {
        let size = MemoryLayout<Value>.size
        guard raw.count - offset >= size else { throw DamagedBytes("a blob ends too early") }
        defer { offset += size }
        return Value(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    mutating func double() throws -> Double { Double(bitPattern: try integer(UInt64.self)) }

    mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, raw.count - offset >= count else { throw DamagedBytes("a blob ends too early") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: raw[offset..<(offset + count)])
    }

    /// The packed numbers of a column, checked to be there whole.
    mutating func packed(_ count: Int, width: Int) throws -> UnsafeRawBufferPointer {
        guard width <= 64 else { throw DamagedBytes("a width of \(width) bits is impossible") }
        return try bytes(BitPacking.bytes(count, width: width))
    }
}

extension [UInt8] {
    mutating func add(_ value: some FixedWidthInteger) { Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) } }
    mutating func add(_ value: Double) { add(value.bitPattern) }

    /// The most numbers that one column may claim: a damaged count must not take the memory.
    static var longestColumn: Int { 1 << 24 }
}
