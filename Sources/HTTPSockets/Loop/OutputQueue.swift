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
        case file(OpenFile, offset: Int, count: Int)
    }

    private static let copiesUpTo = 8 * 1024
    private var segments: [Segment] = []
    private var firstSegment = 0
    /// Bytes behind the segments.
    private var tail: [UInt8]
    /// Bytes of the first element that are sent already.
    private var sent = 0
    /// Bytes that wait in memory; file parts count as nothing.
    private(set) var byteCount = 0

    init() { tail = [] }

    var isEmpty: Bool { firstSegment == segments.count && tail.isEmpty }
    var hasFiles: Bool {
        segments[firstSegment...].contains { if case .file = $0 { true } else { false } }
    }
    var hasBuffer: Bool { tail.capacity > 0 }

    mutating func lend(_ buffer: [UInt8]) { tail = buffer }

    /// Takes the empty buffer back for others to use.
    mutating func takeBuffer() -> [UInt8] {
        precondition(isEmpty, "takeBuffer: \(byteCount) bytes still wait")
        defer { tail = [] }
        return tail
    }

    /// Appends small pieces in place.
    mutating func write(_ body: (inout [UInt8]) -> Void) {
        let before = tail.count
        body(&tail)
        byteCount += tail.count - before
    }

    mutating func append(_ bytes: [UInt8]) {
        if bytes.count <= Self.copiesUpTo { return write { $0 += bytes } }
        sealTail()
        segments.append(.bytes(bytes))
        byteCount += bytes.count
    }

    mutating func append(_ file: OpenFile, offset: Int, count: Int) {
        guard count > 0 else { return }
        sealTail()
        segments.append(.file(file, offset: offset, count: count))
    }

    mutating func removeAll() {
        segments = []
        tail = []
        (firstSegment, sent, byteCount) = (0, 0, 0)
    }

    private mutating func sealTail() {
        guard !tail.isEmpty else { return }
        segments.append(.bytes(tail))
        tail = []
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
        let flags = Socket.sendFlags
        if firstSegment == segments.count {
            return tail.withUnsafeBytes { systemSend(socket, $0.baseAddress! + sent, $0.count - sent, flags) }
        }
        // An array may be followed by another one (the end of a chunk, the next head): gathered, at most 16.
        var vectors: [iovec] = []
        for segment in segments[firstSegment...].prefix(16) {
            guard case .bytes(let bytes) = segment else { break }
            bytes.withUnsafeBytes {
                let skipped = vectors.isEmpty ? sent : 0
                // The array lives in `segments`, so the pointer outlives this closure.
                vectors.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress! + skipped), iov_len: $0.count - skipped))
            }
        }
        let reachesTail = vectors.count == segments.count - firstSegment && !tail.isEmpty
        return tail.withUnsafeBytes { rest in
            if reachesTail {
                vectors.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress!), iov_len: rest.count))
            }
            return vectors.withUnsafeMutableBufferPointer { list in
                var message = msghdr()
                message.msg_iov = list.baseAddress
                message.msg_iovlen = .init(list.count)
                return sendmsg(socket, &message, flags)
            }
        }
    }

    private mutating func consumeBytes(_ count: Int) {
        byteCount -= count
        var left = count
        while firstSegment < segments.count, case .bytes(let bytes) = segments[firstSegment] {
            guard left >= bytes.count - sent else {
                sent += left
                return
            }
            left -= bytes.count - sent
            dropFirst()
        }
        guard left > 0 || tail.count == sent else { return }
        sent += left
        if sent == tail.count {
            tail.removeAll(keepingCapacity: true)
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
