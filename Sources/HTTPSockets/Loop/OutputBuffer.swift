#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Growing memory for bytes that are about to be sent. A class without any checks in its way: each answer is written through
/// it, and the loop lends the same few buffers to all connections.
final class OutputBuffer {
    private(set) var count = 0
    private(set) var capacity: Int
    private(set) var base: UnsafeMutableRawPointer

    init(capacity: Int = 4096) {
        self.capacity = capacity
        base = malloc(capacity)!
    }

    deinit { free(base) }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes(append) }

    func append(_ literal: StaticString) { append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)) }

    /// - Returns: Where the text begins.
    @discardableResult
    func append(_ text: String) -> Int {
        let start = count
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        return start
    }

    /// A number that is not negative, in decimal digits.
    func append(decimal number: Int) {
        var rest = number, digits = 1
        while rest >= 10 { (rest, digits) = (rest / 10, digits + 1) }
        reserve(digits)
        rest = number
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            base.storeBytes(of: Byte.zero + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        count += digits
    }

    /// The bytes from `start` on; valid until something is appended.
    func bytes(from start: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self) + start, count: count - start)
    }

    /// Forgets what stands behind the first `count` bytes.
    func truncate(to count: Int) { self.count = count }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(2 * capacity, count + more)
        base = realloc(base, capacity)!
    }
}
