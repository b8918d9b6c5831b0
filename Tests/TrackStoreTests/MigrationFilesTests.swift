import Foundation
import Testing

@Suite("Migrations that databases out there have applied") struct MigrationFilesTests {
    /// Each file's name and the FNV-1a hash of its bytes. A new migration is added at the end; a line that stands here is never changed.
    private static let landed: [(name: String, hash: UInt64)] = [
        ("0001_store.sql", 0x0291_8e0f_955a_b52f),
        ("0002_series.sql", 0x521c_f55b_245a_8379),
        ("0003_chunk.sql", 0x0074_a9d3_ae70_be3c),
        ("0004_deletion.sql", 0x2fec_bad7_af1b_d87a),
        ("0006_media.sql", 0x4e1d_379d_95d4_901b),
        ("0007_receipt.sql", 0x470a_864f_214e_8a90),
        ("0008_listing.sql", 0x08ae_c27e_64a3_1ef8),
        ("0009_put_away.sql", 0x8360_8339_09d0_cc27),
        ("0010_finding.sql", 0xb956_a16a_c648_0263),
        ("0011_commands.sql", 0x202d_7f43_2d28_02bd),
        ("0012_declared.sql", 0xf642_1359_b552_1b45),
        ("0013_histogram_series.sql", 0xfdec_9856_f06d_2a3d),
    ]

    @Test("keep their bytes") func bytes() throws {
        for (name, expected) in Self.landed {
            let data = try Data(contentsOf: URL(filePath: StoreFactory.migrations).appending(path: name))
            let hash = data.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }

            #expect(hash == expected, "\(name) has changed: databases that applied it would differ from new ones. Write a new migration instead.")
        }
    }

    @Test("come before every new one, each number once") func order() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: StoreFactory.migrations).filter { $0.hasSuffix(".sql") }.sorted()
        let numbers = names.map { Int($0.prefix(4)) }

        #expect(Array(names.prefix(Self.landed.count)) == Self.landed.map(\.name), "a new migration takes a number after \(Self.landed.last!.name)")
        #expect(Set(numbers).count == names.count && !numbers.contains(nil), "\(names): four digits, each number once")
    }
}
