import CKernels
import Synchronization

/// A seeded stream of random numbers; the same seed gives the same numbers in every run.
///
/// Source: Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators* (2014).
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable, Codable {
    /// What chose the stream, and how many numbers have been drawn: all that a checkpoint must keep.
    public private(set) var seed: UInt64, position: UInt64

    /// Starts the stream of a seed, or goes on at a place in it.
    public init(seed: UInt64, position: UInt64 = 0) {
        self.seed = ck_random_bits(0, seed)
        self.position = position
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        defer { position &+= 1 }
        return ck_random_bits(seed, position)
    }

    /// A number from 0 up to, not including, 1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Two numbers of the standard normal distribution.
    /// Source: Box, Muller, *A Note on the Generation of Random Normal Deviates* (1958).
    public mutating func normalPair() -> (Double, Double) {
        let radius = (-2 * ck_log(1 - uniform())).squareRoot(), angle = 2 * .pi * uniform()
        return (radius * ck_cos(angle), radius * ck_sin(angle))
    }

    /// Writes the numbers that as many draws of ``normalPair()`` would give, made by all threads.
    mutating func fill(_ count: Int, _ mean: Float, _ std: Float, _ target: UnsafeMutablePointer<Float>) {
        ck_normals(seed, position, Int64(count), mean, std, target)
        position &+= UInt64((count + 1) / 2 * 2)
    }

    /// A number of the standard normal distribution.
    public mutating func normal() -> Double { normalPair().0 }
}

/// Where layers get their first weights and dropout its seeds when no generator is given.
private let processStream = Mutex(RandomStream(seed: 0))

/// Restarts the random numbers that new layers draw, so that a program makes the same model each time it runs.
public func setRandomSeed(_ seed: UInt64) { processStream.withLock { $0 = RandomStream(seed: seed) } }

/// A stream of its own, seeded from the process's; layers take one each.
public func makeRandomStream() -> RandomStream { processStream.withLock { RandomStream(seed: $0.next()) } }

extension Tensor {
    /// A tensor of normally distributed numbers.
    public static func randn(_ shape: Shape, mean: Float = 0, std: Float = 1, using stream: inout RandomStream) -> Tensor {
        let result = Tensor.uninitialized(shape)
        stream.fill(result.count, mean, std, result.pointer)
        return result
    }

    /// A tensor of normally distributed numbers from the process's stream; see ``setRandomSeed(_:)``.
    public static func randn(_ shape: Shape, mean: Float = 0, std: Float = 1) -> Tensor {
        var stream = makeRandomStream()
        return randn(shape, mean: mean, std: std, using: &stream)
    }

    /// A tensor of numbers spread evenly over a range.
    public static func rand(_ shape: Shape, in range: Range<Float> = 0..<1, using stream: inout RandomStream) -> Tensor {
        let result = Tensor.uninitialized(shape), width = range.upperBound - range.lowerBound
        for index in 0..<result.count { result.pointer[index] = range.lowerBound + width * Float(stream.uniform()) }
        return result
    }

    /// A tensor of numbers spread evenly over a range, from the process's stream.
    public static func rand(_ shape: Shape, in range: Range<Float> = 0..<1) -> Tensor {
        var stream = makeRandomStream()
        return rand(shape, in: range, using: &stream)
    }
}
