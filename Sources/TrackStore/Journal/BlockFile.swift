import Foundation
import Synchronization

/// A file that grows by whole blocks, past the system's cache where that can be had.
///
/// Who waits for the disk after each write gains nothing from the cache: the bytes are copied into it, and sent from it a moment later. The last block is
/// written again with what follows in it; what stood there before stays as it was, so that a write that is torn damages nothing older.
///
/// Zeros are kept in front of what comes next: a sync is quicker where the file does not grow. A few at a time at first; where many are needed a thread of
/// their own writes all that are left.
///
/// Confined to one thread, except for its descriptor and its zeros.
final class BlockFile: @unchecked Sendable {
    let descriptor: Int32
    /// Bytes that were appended since the file began anew.
    private(set) var used = 0
    /// How far zeros have been written; whoever writes more holds `zeroing`.
    private let end = Atomic(0)
    private let zeroing = Mutex(())
    private let limit: Int
    private let put: Put
    /// How often the writer had to write zeros.
    private var portions = 0
    /// The bytes of the last block that is not full, and room for those that follow.
    private let staging: UnsafeMutableRawBufferPointer

    /// Writes bytes at a place, as `pwrite` does.
    typealias Put = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ offset: off_t) -> Int

    /// What file systems and disks ask of whoever does without the cache: of the place in the file, the length and the address.
    private static let block = 4096
    /// Bytes that are written at once; so many zeros are kept ahead. Whoever waits for the next sync waits for them too.
    private static let step = 256 << 10
    /// Portions of zeros after which the rest is left to a thread of its own.
    private static let few = 4
    nonisolated(unsafe) private static let zeros = UnsafeRawBufferPointer(aligned(zeroed: true))      // never written

    #if os(Linux)
    /// O_DIRECT of fcntl.h, which Swift does not import; nothing where it is not known.
    #if arch(x86_64) || arch(i386)
    static let direct: Int32 = 0o40000
    #elseif arch(arm64) || arch(arm)
    static let direct: Int32 = 0o200000
    #else
    static let direct: Int32 = 0
    #endif
    #endif

    /// - Parameters:
    ///   - limit: How far zeros may be written.
    ///   - isSynced: Whether the disk is waited for after each write.
    init?(path: String, limit: Int, isSynced: Bool, put: @escaping Put = { pwrite($0, $1, $2, $3) }) {
        var descriptor: Int32 = -1
        #if os(Linux)
        if isSynced { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | Self.direct, 0o600) }
        #endif
        if descriptor < 0 { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }      // not every file system can
        guard descriptor >= 0 else { return nil }
        (self.descriptor, self.limit, self.put) = (descriptor, limit, put)
        staging = Self.aligned(zeroed: false)
    }

    deinit {
        close(descriptor)
        staging.deallocate()
    }

    /// The next bytes are the first.
    func beginAnew() { used = 0 }

    /// Writes behind what is there.
    /// - Returns: False if not all could be written; the file must begin anew then.
    func append(_ bytes: [UInt8]) -> Bool {
        keepAhead(bytes.count)
        return bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = min(rest.count, staging.count - used % Self.block)
                guard append(UnsafeRawBufferPointer(rebasing: rest.prefix(count))) else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// As many bytes as find room.
    private func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let lead = used % Self.block, start = used - lead, filled = lead + bytes.count
        let whole = (filled + Self.block - 1) & ~(Self.block - 1), unfinished = filled % Self.block
        UnsafeMutableRawBufferPointer(rebasing: staging[lead...]).copyMemory(from: bytes)
        memset(staging.baseAddress! + filled, 0, whole - filled)
        guard write(UnsafeRawBufferPointer(rebasing: staging[..<whole]), at: start) else { return false }
        memmove(staging.baseAddress!, staging.baseAddress! + filled - unfinished, unfinished)
        used += bytes.count
        return true
    }

    /// Sees to it that zeros stand behind so many bytes more. What fails is seen by the write itself.
    private func keepAhead(_ bytes: Int) {
        let wanted = min(used + bytes + Self.step, limit)
        if end.load(ordering: .acquiring) >= wanted { return }
        while end.load(ordering: .acquiring) < wanted, writeZeros() {}
        portions += 1
        if portions == Self.few { writeAllZeros() }
    }

    private func writeAllZeros() {
        let thread = Thread { [self] in while writeZeros() {} }
        thread.name = "track-zeros"
        thread.start()
    }

    /// - Returns: Whether more may be written.
    private func writeZeros() -> Bool {
        zeroing.withLock { _ in
            let start = end.load(ordering: .relaxed)
            if start >= limit { return false }
            // Once zeros failed there are none any more: what is appended then stands beyond them.
            let succeeded = write(Self.zeros, at: start)
            end.store(succeeded ? start + Self.step : limit, ordering: .releasing)
            return succeeded
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        var written = 0, mayBeRefused = true
        while written < bytes.count {
            let count = put(descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset + written))
            if count > 0 { written += count; continue }
            if count < 0, errno == EINTR { continue }
            guard count < 0, errno == EINVAL, mayBeRefused else { return false }
            mayBeRefused = false        // once: another thread may have gone back to the cache meanwhile
            useCache()
        }
        return true
    }

    /// Goes back to the system's cache: some file systems ask for more than whole blocks.
    private func useCache() {
        #if os(Linux)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~Self.direct)
        #endif
    }

    private static func aligned(zeroed: Bool) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: block)
        if zeroed { memset(bytes.baseAddress!, 0, step) }
        return bytes
    }
}
