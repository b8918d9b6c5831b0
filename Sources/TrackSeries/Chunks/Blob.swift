/// Every stored blob begins with its version, its kind and a checksum of what follows. `docs/formats/chunk.md`.
enum Blob {
    enum Kind: UInt8 { case steps = 1, times, presence, records, values, page }

    static let version: UInt8 = 1
    static let headerBytes = 8

    /// Bytes with room for the header; fill them, then ``seal(_:_:)``.
    static func make() -> [UInt8] { [UInt8](repeating: 0, count: headerBytes) }

    static func seal(_ bytes: inout [UInt8], _ kind: Kind) {
        let checksum = bytes.withUnsafeBytes { Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[headerBytes...])) }
        bytes[0] = version
        bytes[1] = kind.rawValue
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self) }
    }

    /// A reader behind the header.
    /// - Throws: ``DamagedBytes`` if version, kind or checksum differ.
    static func open(_ raw: UnsafeRawBufferPointer, _ kind: Kind) throws -> ColumnReader {
        guard raw.count >= headerBytes else { throw DamagedBytes("a blob of \(raw.count) bytes is too short") }
        guard raw[0] == version else { throw DamagedBytes("a blob has version \(raw[0]), known is \(version)") }
        guard raw[1] == kind.rawValue else { throw DamagedBytes("a blob of kind \(raw[1]) stands where \(kind) belongs") }
        guard raw[2] == 0, raw[3] == 0 else { throw DamagedBytes("a blob of \(kind) has reserved bytes that are not zero") }
        let body = UnsafeRawBufferPointer(rebasing: raw[headerBytes...])
        let stored = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard Checksum.crc32(body) == stored else { throw DamagedBytes("a blob of \(kind) fails its checksum") }
        return ColumnReader(body)
    }
}
