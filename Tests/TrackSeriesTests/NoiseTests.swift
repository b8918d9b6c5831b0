import SeededRandom
import Testing
@testable import TrackSeries

@Suite("Noise") struct NoiseTests {
    @Test("is what no compressor makes smaller; what repeats or is uneven is none") func kinds() {
        var random = Random(seed: 5)
        let noise = (0..<4_096).map { _ in UInt8(truncatingIfNeeded: random.next()) }

        #expect(Noise.isLikely(noise))
        #expect(!Noise.isLikely(Array(noise[..<1_000])))                                            // too short to tell
        #expect(!Noise.isLikely(Array(noise[..<2_048]) + Array(noise[..<2_048])))                   // told twice
        #expect(!Noise.isLikely(noise.map { $0 & 0x7F }))                                           // seven bits of eight
        #expect(!Noise.isLikely((0..<4_096).map { UInt8(truncatingIfNeeded: $0) }))                 // counts up
        #expect(!Noise.isLikely([UInt8](repeating: 7, count: 4_096)))
    }
}
