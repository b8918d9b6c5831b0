#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A body of known length that is received straight into the array its handler will get: no copy, no chunks.
///
/// It grows with what has come, so that a client cannot have memory reserved by only announcing a large body.
struct BodyBuffer {
    private static let firstBytes = 1 << 20
    private let length: Int
    private var bytes: [UInt8]
    private var filled = 0

    /// - Parameter length: Bytes that the body may have at most.
    /// - Parameter spare: Memory to begin with; what stands in it is never seen.
    init(length: Int, spare: [UInt8] = []) {
        self.length = length
        bytes = spare
    }

    /// Lets `receive` write behind what is there, and counts what it returns.
    mutating func fill(upTo wanted: Int, _ receive: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom(for: wanted)
        let start = filled
        let count = bytes.withUnsafeMutableBytes { receive(UnsafeMutableRawBufferPointer(rebasing: $0[start..<min($0.count, start + wanted)])) }
        filled += max(0, count)
        return count
    }

    mutating func append(_ chunk: [UInt8]) {
        let (before, length) = (filled, length)
        _ = fill(upTo: chunk.count) { room in
            precondition(room.count == chunk.count, "BodyBuffer: \(before) and \(chunk.count) bytes are more than the announced \(length)")
            chunk.withUnsafeBytes { room.copyMemory(from: $0) }
            return chunk.count
        }
    }

    /// What has come, as an array without slack.
    mutating func take() -> [UInt8] {
        bytes.removeLast(bytes.count - filled)
        defer { (bytes, filled) = ([], 0) }
        return bytes
    }

    private mutating func makeRoom(for wanted: Int) {
        guard filled + wanted > bytes.count, bytes.count < length else { return }
        let capacity = min(length, max(Self.firstBytes, 4 * bytes.count, filled + wanted))
        // Bytes behind `filled` are never read before they are received; setting them first would touch every page twice.
        bytes = [UInt8](unsafeUninitializedCapacity: capacity) { [bytes, filled] buffer, count in
            if filled > 0 { memcpy(buffer.baseAddress!, bytes, filled) }
            count = capacity
        }
    }
}
