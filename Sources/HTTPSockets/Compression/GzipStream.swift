import CZlib

/// Compresses a streamed answer part by part. Each part is flushed, so that the client can read what was written so far: a
/// followed log must not wait in our window. That costs about five bytes a part.
///
/// `@unchecked Sendable`: a stream is written by one task at a time.
final class GzipStream: @unchecked Sendable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// `nil` without memory for it (about 256 kB).
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard track_deflate_start(stream, 5, 31) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The compressed form of a part; empty for an empty one.
    func part(_ bytes: [UInt8]) async -> [UInt8] {
        if bytes.isEmpty { return [] }
        if bytes.count <= ResponseCompression.offLoopBytes { return compress(bytes, Z_SYNC_FLUSH) }
        return await withTaskExecutorPreference(globalConcurrentExecutor) { self.compress(bytes, Z_SYNC_FLUSH) }
    }

    /// What is left, and the check sum.
    func end() -> [UInt8] { compress([], Z_FINISH) }

    private func compress(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
        var compressed: [UInt8] = []
        bytes.withUnsafeBufferPointer { source in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            repeat { compressed += room(max(256, source.count / 2), flush) } while stream.pointee.avail_out == 0
        }
        return compressed
    }

    private func room(_ size: Int, _ flush: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(size)
            _ = deflate(stream, flush)
            count = size - Int(stream.pointee.avail_out)
        }
    }
}
