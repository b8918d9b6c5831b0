import SeededRandom
import Testing
@testable import TrackSeries

@Suite("Columns") struct ColumnTests {
    @Test("integers come back as they were, huge and negative ones too") func integers() throws {
        var random = Random(seed: 1)
        for _ in 0..<300 {
            let count = Int(random.next() % 200)
            let values = random.integers(count)
            var bytes: [UInt8] = []
            IntegerColumn.encode(values, into: &bytes)

            #expect(try bytes.withUnsafeBytes { raw in
                var reader = ColumnReader(raw)
                let decoded = try IntegerColumn.decode(&reader, count: count)
                return decoded == values && reader.offset == raw.count
            })
        }
    }

    @Test("doubles come back bit for bit, whatever their kind", arguments: DoubleKind.allCases)
    func doubles(kind: DoubleKind) throws {
        var random = Random(seed: 2)
        for count in [0, 1, 2, 3, 63, 64, 65, 500, 4096] {
            let values = kind.values(count, &random)
            var bytes: [UInt8] = []
            DoubleColumn.encode(values, into: &bytes)

            let decoded = try bytes.withUnsafeBytes { raw in
                var reader = ColumnReader(raw)
                defer { if reader.offset != raw.count { Issue.record("\(raw.count - reader.offset) bytes are left") } }
                return try DoubleColumn.decode(&reader, count: count)
            }
            #expect(decoded.map(\.bitPattern) == values.map(\.bitPattern))
        }
    }

    @Test("each kind takes the form that suits it, within its size", arguments: [
        (DoubleKind.constant, DoubleColumn.Codec.constant, 0.01), (.ramp, .stride, 0.01), (.twoDecimals, .decimal, 1.5), (.floats, .float, 3.3),
        (.signedFloats, .planes, 3.8), (.noise, .double, 7.2), (.signedNoise, .planes, 7.4), (.fewDistinct, .planes, 2.0), (.bits, .raw, 8.01),
    ])
    func forms(kind: DoubleKind, codec: DoubleColumn.Codec, bytesPerValue: Double) {
        var random = Random(seed: 3), bytes: [UInt8] = []
        DoubleColumn.encode(kind.values(8192, &random), into: &bytes)

        #expect(DoubleColumn.Codec(rawValue: bytes[0]) == codec && Double(bytes.count) <= 8192 * bytesPerValue, "\(bytes.count) bytes")
    }

    @Test("damaged bytes are an error, never a crash") func damaged() {
        var random = Random(seed: 4)
        for kind in DoubleKind.allCases {
            var bytes: [UInt8] = []
            DoubleColumn.encode(kind.values(100, &random), into: &bytes)
            for _ in 0..<200 {
                var broken = bytes
                broken[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                if random.next() % 2 == 0 { broken.removeLast(Int(random.next() % UInt64(bytes.count))) }
                broken.withUnsafeBytes { raw in
                    var reader = ColumnReader(raw)
                    _ = try? DoubleColumn.decode(&reader, count: 100)
                }
            }
        }
    }
}

enum DoubleKind: CaseIterable, Sendable {
    case constant, ramp, twoDecimals, floats, signedFloats, noise, signedNoise, fewDistinct, bits, mixed, mostlyNaN

    func values(_ count: Int, _ random: inout Random) -> [Double] {
        (0..<count).map { index in
            switch self {
            case .constant: 0.1
            case .ramp: Double(index) * 0.5 - 7
            case .twoDecimals: Double(Int(random.next() % 300)) / 100
            case .floats: Double(Float(0.3 + random.unit()))
            case .signedFloats: Double(Float(random.gauss()))
            case .noise: 1 + random.unit()
            case .signedNoise: random.gauss()
            case .fewDistinct: [1.0 / 3, 2.0 / 7, 1e-9 / 3][Int(random.next() % 3)]
            case .bits: Double(bitPattern: random.next())
            case .mixed: [.nan, .infinity, -.infinity, -0.0, 0, .leastNonzeroMagnitude, 1e308, -1e308][Int(random.next() % 8)] as Double
            case .mostlyNaN: random.next() % 30 == 0 ? .nan : Double(Float(random.unit()))
            }
        }
    }
}

/// Failures repeat.
typealias Random = SeededRandom

extension Random {
    mutating func integers(_ count: Int) -> [Int64] {
        let kind = next() % 5
        var last = Int64(truncatingIfNeeded: next() >> 20)
        return (0..<count).map { index in
            switch kind {
            case 0: return Int64(index) * 3 - 9
            case 1: return Int64(bitPattern: next())
            case 2:
                last += 1_000 + Int64(next() % 300)
                return last
            case 3: return index % 2 == 0 ? .min : .max
            default: return Int64(next() % 1000) - 500
            }
        }
    }
}
