/// The checksum of zip and PNG files (polynomial 0xEDB88320), so that any language's library can verify a checkpoint.
/// Source: Peterson & Brown, *Cyclic Codes for Error Detection* (1961); eight bytes at a time as Kounavis & Berry (2005).
struct CRC32 {
    private(set) var value: UInt32 = 0

    private static let tables: [[UInt32]] = {
        var first = [UInt32](repeating: 0, count: 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
            first[byte] = crc
        }
        var tables = [first]
        for table in 1..<8 { tables.append(tables[table - 1].map { ($0 >> 8) ^ first[Int($0 & 255)] }) }
        return tables
    }()

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let tables = Self.tables
        var crc = ~value, place = 0
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian ^ UInt64(crc)
            crc = 0
            for byte in 0..<8 { crc ^= tables[7 - byte][Int((word >> UInt64(8 * byte)) & 255)] }
            place += 8
        }
        while place < bytes.count {
            crc = (crc >> 8) ^ tables[0][Int((crc ^ UInt32(bytes[place])) & 255)]
            place += 1
        }
        value = ~crc
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum = CRC32()
        Array(bytes).withUnsafeBytes { sum.add($0) }
        return sum.value
    }
}
