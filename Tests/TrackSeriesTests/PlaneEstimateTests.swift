import CZlib
import Foundation
import SeededRandom
import Testing
@testable import TrackSeries

@Suite("What compressing a plane of bytes would give") struct PlaneEstimateTests {
    @Test("noise stays as long as it is; what repeats or is uneven does not", arguments: [
        ("noise", 1.0...1.0), ("noise told twice", 0.5...0.7), ("seven bits of eight", 0.8...0.9), ("a count", 0...0.2), ("one byte", 0...0.02), ("three bytes", 0.11...0.15),
        ("a cycle of noise", 0...0.1), ("a drift of noise", 0.4...0.7),
    ])
    func shares(kind: String, share: ClosedRange<Double>) {
        let estimate = PlaneEstimate(PlaneKinds.make(kind, 4_096))

        #expect(share.contains(Double(estimate.bytes) / 4_096), "\(estimate.bytes) bytes")
    }

    @Test("it is near what zlib makes of it", arguments: PlaneKinds.names, [64, 256, 1_024, 4_096, 8_192])
    func truth(kind: String, count: Int) {
        let plane = PlaneKinds.make(kind, count), estimate = PlaneEstimate(plane)
        var length = compressBound(UInt(count)), packed = [UInt8](repeating: 0, count: Int(length))
        #expect(compress2(&packed, &length, plane, UInt(count), 4) == Z_OK)

        let real = Int(length) < count * 15 / 16 ? Int(length) : count
        #expect(estimate.bytes <= real * 4 / 3 + 64, "\(estimate.bytes) bytes told, \(real) are")         // what is told too long is never tried
        #expect(estimate.bytes * 2 + 32 >= real, "\(estimate.bytes) bytes told, \(real) are")
    }

    @Test("repeats are told apart from bytes that are only few") func repeats() {
        #expect(PlaneEstimate(PlaneKinds.make("a cycle of noise", 4_096)).repeats)
        #expect(PlaneEstimate(PlaneKinds.make("noise told twice", 4_096)).repeats)
        #expect(!PlaneEstimate(PlaneKinds.make("three bytes", 4_096)).repeats)
        #expect(!PlaneEstimate(PlaneKinds.make("noise", 4_096)).repeats)
    }
}

/// Planes of bytes of known making.
enum PlaneKinds {
    static let names = ["noise", "noise told twice", "seven bits of eight", "a count", "one byte", "three bytes", "a cycle of noise", "a drift of noise"]

    static func make(_ kind: String, _ count: Int) -> [UInt8] {
        var random = Random(seed: 5)
        let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return (0..<count).map { index in
            switch kind {
            case "noise": noise[index]
            case "noise told twice": noise[index % (count / 2)]
            case "seven bits of eight": noise[index] & 0x7F
            case "a count": UInt8(truncatingIfNeeded: index)
            case "one byte": 7
            case "three bytes": noise[index] < 10 ? 1 : noise[index] < 200 ? 2 : 3
            case "a cycle of noise": noise[index % 37]
            case "a drift of noise": UInt8(truncatingIfNeeded: index * 64 / count) + noise[index] % 4
            default: preconditionFailure(kind)
            }
        }
    }
}

extension PlaneEstimate {
    fileprivate init(_ bytes: [UInt8]) { self = bytes.withUnsafeBufferPointer { PlaneEstimate($0) } }
}
