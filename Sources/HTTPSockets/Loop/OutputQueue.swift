#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An open file that is closed with its last user.
final class OpenFile {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}

/// Bytes and file parts that wait for a socket, in order: small ones are joined, large arrays are kept as they are.
struct OutputQueue {
    private enum Segment {
        case bytes([UInt8])
        case buffer(OutputBuffer)
        case file(OpenFile, offset: Int, count: Int)

        /// The bytes that it holds in memory; valid while it is in the queue.
        var bytes: UnsafeRawBufferPointer? {
            switch self {
            case .bytes(let bytes): bytes.withUnsafeBytes { $0 }
            case .buffer(let buffer): UnsafeRawBufferPointer(buffer.bytes(from: 0))
            case .file: nil
            }
        }
    }

    private static let copiesUpTo = 8 * 1024
    private static let gathered = 16
    private var segments: [Segment] = []
    private var firstSegment = 0
    /// Bytes behind the segments, in a buffer that belongs to the loop.
    private var tail: OutputBuffer?
    /// Bytes of the first element that are sent already.
    private var sent = 0
    /// Bytes that wait in memory; file parts count as nothing.
    private(set) var byteCount = 0

    var isEmpty: Bool { firstSegment == segments.count && tailCount == 0 }
    var hasFiles: Bool {
        segments[firstSegment...].contains { if case .file = $0 { true } else { false } }
    }
    var hasBuffer: Bool { tail != nil }
    private var tailCount: Int { tail?.count ?? 0 }

    mutating func lend(_ buffer: OutputBuffer) { tail = buffer }

    /// Takes the empty buffer back for others to use.
    mutating func takeBuffer() -> OutputBuffer? {
        precondition(isEmpty, "takeBuffer: \(byteCount) bytes still wait")
        defer { tail = nil }
        return tail
    }

    /// Where small pieces are written in place; ``wrote(since:)`` counts them.
    mutating func buffer() -> OutputBuffer {
        if let tail { return tail }
        let new = OutputBuffer()
        tail = new
        return new
    }

    /// - Parameter before: The count of ``buffer()`` before something was written.
    mutating func wrote(since before: Int) { byteCount += tailCount - before }

    mutating func append(_ bytes: [UInt8]) {
        byteCount += bytes.count
        if bytes.count <= Self.copiesUpTo { return buffer().append(bytes) }
        sealTail()
        segments.append(.bytes(bytes))
    }

    mutating func append(_ file: OpenFile, offset: Int, count: Int) {
        guard count > 0 else { return }
        sealTail()
        segments.append(.file(file, offset: offset, count: count))
    }

    mutating func removeAll() {
        segments = []
        tail = nil
        (firstSegment, sent, byteCount) = (0, 0, 0)
    }

    private mutating func sealTail() {
        guard let tail, tail.count > 0 else { return }
        segments.append(.buffer(tail))
        self.tail = nil
    }

    enum Progress { case drained, blocked, broken, paused }

    /// Sends until everything is gone, the socket is full, or `budget` bytes went out.
    mutating func send(to socket: Int32, budget: Int, moved: inout Int) -> Progress {
        while !isEmpty {
            guard moved < budget else { return .paused }
            let count: Int
            if firstSegment < segments.count, case .file(let file, let offset, let rest) = segments[firstSegment] {
                count = sendFile(file, offset: offset, count: min(rest, 512 * 1024), to: socket)
                if count > 0 { consumeFile(count) }
                if count == 0 { return .broken }        // the file became shorter than its announced length
            } else {
                count = sendBytes(to: socket)
                if count > 0 { consumeBytes(count) }
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN || errno == EWOULDBLOCK ? .blocked : .broken
            }
            moved += count
        }
        return .drained
    }

    private func sendBytes(to socket: Int32) -> Int {
        if firstSegment == segments.count {
            guard let tail else { return 0 }
            return systemSend(socket, tail.base + sent, tail.count - sent, Socket.sendFlags)
        }
        // An array may be followed by another one (the end of a chunk, the next head): gathered, at most 16.
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.gathered + 1) { vectors in
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = .init(gather(into: vectors))
            return sendmsg(socket, &message, Socket.sendFlags)
        }
    }

    /// - Returns: How many parts there are.
    private func gather(into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
        var count = 0
        func add(_ bytes: UnsafeRawBufferPointer) {
            let skipped = count == 0 ? sent : 0
            vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + skipped), iov_len: bytes.count - skipped)
            count += 1
        }
        for segment in segments[firstSegment...].prefix(Self.gathered) {
            guard let bytes = segment.bytes else { return count }
            add(bytes)
        }
        if count == segments.count - firstSegment, let tail, tail.count > 0 { add(UnsafeRawBufferPointer(tail.bytes(from: 0))) }
        return count
    }

    private mutating func consumeBytes(_ count: Int) {
        byteCount -= count
        var left = count
        while firstSegment < segments.count, let bytes = segments[firstSegment].bytes {
            guard left >= bytes.count - sent else {
                sent += left
                return
            }
            left -= bytes.count - sent
            dropFirst()
        }
        guard left > 0 || tailCount == sent else { return }
        sent += left
        if sent == tailCount {
            tail?.truncate(to: 0)
            sent = 0
        }
    }

    private mutating func consumeFile(_ count: Int) {
        guard case .file(let file, let offset, let rest) = segments[firstSegment] else { return }
        if count == rest { dropFirst() } else { segments[firstSegment] = .file(file, offset: offset + count, count: rest - count) }
    }

    private mutating func dropFirst() {
        segments[firstSegment] = .bytes([])
        firstSegment += 1
        sent = 0
        if firstSegment == segments.count {
            segments.removeAll(keepingCapacity: segments.capacity <= 16)
            firstSegment = 0
        }
    }

    private func sendFile(_ file: OpenFile, offset: Int, count: Int, to socket: Int32) -> Int {
        #if os(Linux)
        var position = off_t(offset)
        return sendfile(socket, file.descriptor, &position, count)
        #else
        var length = off_t(count)
        let result = sendfile(file.descriptor, socket, off_t(offset), &length, nil, 0)
        return result == 0 || length > 0 ? Int(length) : -1
        #endif
    }
}
