import CZlib

/// Inflates a gzip or zlib body chunk by chunk, 64 kB at a time, so that a bomb never gets to be large.
///
/// A class because zlib keeps a pointer to its stream; used by one task at a time.
final class BodyInflater {
    private static let outputChunk = 64 * 1024
    private let policy: InflationPolicy
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var used = 0
    private var totalIn = 0, totalOut = 0
    private var hasEnded = false
    private var isStarted = false
    private let coding: ContentCoding

    init(_ coding: ContentCoding, _ policy: InflationPolicy) {
        self.coding = coding
        self.policy = policy
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isStarted { inflateEnd(stream) }
        stream.deallocate()
    }

    /// Gives compressed bytes; all earlier ones must have been read out with ``next()``.
    func take(_ bytes: [UInt8]) throws(HTTPError) {
        if case .unknown(let name) = coding { throw .unsupportedContentEncoding(name) }
        precondition(used == input.count, "take: \(input.count - used) bytes of the chunk before have not been read")
        input = bytes
        used = 0
        if !isStarted { try start() }
    }

    /// The next decompressed bytes, or `nil` when more input is needed.
    func next() throws(HTTPError) -> [UInt8]? {
        while used < input.count || (isStarted && stream.pointee.avail_out == 0 && !hasEnded) {
            if hasEnded { try startNextMember() }
            let output = try inflateChunk()
            try policy.check(input: totalIn, output: totalOut)
            if !output.isEmpty { return output }
            if used == input.count { break }
        }
        return nil
    }

    /// Checks at the end of the body that the compressed data has ended too.
    func finish() throws(HTTPError) {
        guard hasEnded || !isStarted else { throw .invalidCompressedBody("it ends too early") }
    }

    private func start() throws(HTTPError) {
        // "deflate" means the zlib form (RFC 9110 §8.4.1.2); some clients send it raw. The first byte tells: zlib's has method 8.
        let isRaw = coding == .deflate && input.first.map { $0 & 15 != 8 } == true
        let windowBits: Int32 = coding == .gzip ? 31 : isRaw ? -15 : 15
        guard track_inflate_start(stream, windowBits) == Z_OK else { throw .invalidCompressedBody("there is no memory for it") }
        isStarted = true
        stream.pointee.avail_out = 1
    }

    /// A gzip body may have several members, one behind the other (RFC 1952 §2.2).
    private func startNextMember() throws(HTTPError) {
        guard coding == .gzip, inflateReset(stream) == Z_OK else {
            throw .invalidCompressedBody("bytes follow its end")
        }
        hasEnded = false
    }

    private func inflateChunk() throws(HTTPError) -> [UInt8] {
        var result = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: Self.outputChunk) { buffer, count in
            input.withUnsafeBufferPointer { source in
                let given = source.count - used
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress.map { $0 + used })
                stream.pointee.avail_in = UInt32(given)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                result = inflate(stream, Z_NO_FLUSH)
                let consumed = given - Int(stream.pointee.avail_in)
                used += consumed
                totalIn += consumed
            }
            count = buffer.count - Int(stream.pointee.avail_out)
        }
        totalOut += output.count
        if result == Z_STREAM_END { hasEnded = true }
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
            throw .invalidCompressedBody(stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)")
        }
        return output
    }
}
