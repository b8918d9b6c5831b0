import Testing
import TrackSeries

@Suite("Checksums") struct ChecksumTests {
    @Test("of XXH64 are those of its reference implementation", arguments: [
        (0, 0xef46_db37_51d8_e999), (1, 0xe934_a84a_db05_2768), (3, 0xe5c7_bb45_33bc_65dd), (4, 0xffce_d860_4453_cc1e), (8, 0x884a_1736_14b8_1b8d),
        (13, 0x13d1_7c4c_7797_23a8), (31, 0xc346_d2b5_9b4d_8ee1), (32, 0xcbf5_9c51_16ff_32b4), (37, 0xd93f_a2df_ee5c_24c9), (100, 0x6ac1_e580_3216_6597)
    ] as [(Int, UInt64)]) func xxh64(count: Int, expected: UInt64) {
        #expect((0..<count).map { UInt8($0) }.withUnsafeBytes(Checksum.xxh64) == expected)
    }

    @Test("of CRC-32 are those of gzip, in one go or in two") func crc32() {
        let bytes = Array("123456789".utf8)
        #expect(Checksum.crc32(bytes) == 0xcbf4_3926)
        let first = bytes[..<4].withUnsafeBytes { Checksum.crc32($0) }
        #expect(bytes[4...].withUnsafeBytes { Checksum.crc32($0, seed: first) } == 0xcbf4_3926)
    }
}
