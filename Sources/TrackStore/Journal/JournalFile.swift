import Foundation

/// One of the journal's files: records one behind the other, written over those of an earlier generation.
///
/// Confined to the writer's thread; only ``sync(_:)`` is for any thread.
final class JournalFile {
    let path: String
    private let limit: Int
    private(set) var descriptor: Int32 = -1
    /// Told apart by this from what stood here before.
    private(set) var generation: UInt64 = 0
    /// Bytes of records.
    private(set) var used = 0
    /// How far the file has been written, with records or zeros.
    private var end = 0
    /// Which batches stand here, in order.
    private(set) var batches: [(run: Int64, id: Int64)] = []
    /// So many of them, the oldest, stand elsewhere by now.
    var done = 0

    /// Bytes that are written ahead at once, and how few may be left before more are. Whoever waits for the next sync waits for them too.
    private static let step = 256 << 10, least = 256 << 10
    private static let zeros = [UInt8](repeating: 0, count: step)

    init(path: String, limit: Int) { (self.path, self.limit) = (path, limit) }

    deinit { if descriptor >= 0 { Foundation.close(descriptor) } }

    /// Nothing that stands here is needed.
    var isFree: Bool { done == batches.count }
    var room: Int { limit - used }
    var isHalfFull: Bool { used > limit / 2 }

    /// Begins anew. Whatever stands here must not be needed.
    /// - Returns: False if the file cannot be had.
    func begin() -> Bool {
        if descriptor < 0 { descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        var random = SystemRandomNumberGenerator()
        generation = random.next()
        (used, done) = (0, 0)
        batches.removeAll(keepingCapacity: true)
        return descriptor >= 0
    }

    /// Writes records behind those that are there.
    /// - Returns: False if not all could be written.
    func write(_ bytes: [UInt8], _ added: [(run: Int64, id: Int64)]) -> Bool {
        keepAhead(bytes.count)
        guard Self.write(bytes, descriptor, at: used) else { return false }
        used += bytes.count
        end = max(end, used)
        batches += added
        return true
    }

    /// Zeros in front of what comes next: a sync is quicker where the file does not grow. What fails is seen by the write itself.
    private func keepAhead(_ bytes: Int) {
        guard used + bytes + Self.least > end, end < limit, Self.write(Self.zeros, descriptor, at: end) else { return }
        end += Self.step
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, at offset: Int) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = pwrite(descriptor, buffer.baseAddress! + written, buffer.count - written, off_t(offset + written))
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return false }
                written += count
            }
            return true
        }
    }

    /// Waits until what was written is on the disk.
    static func sync(_ descriptor: Int32) -> Bool {
        #if os(Linux)
        fdatasync(descriptor) == 0
        #else
        fsync(descriptor) == 0
        #endif
    }

    /// What a file of the journal holds.
    struct Contents {
        var records: [JournalRecord] = []
        /// Some that had reached the disk cannot be told from their heads any more.
        var hasGap = false
    }

    /// Every record of the newest generation.
    ///
    /// A record that was damaged after it had reached the disk is among them, with the bytes that are left of it. One that had not reached it when
    /// the machine stopped ends the file: it was never acknowledged, nor was any after it. O(bytes).
    static func read(_ path: String) -> Contents {
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else { return Contents() }
        let found = data.withUnsafeBytes(scan)
        let safe = found.lazy.filter(\.record.isSound).map(\.record.safe).max() ?? 0
        var contents = Contents(), end = 0
        for (record, start, next) in found {
            if start > end {
                if end >= safe { break }
                contents.hasGap = true
            }
            if !record.isSound, start >= safe { break }
            contents.records.append(record)
            end = next
        }
        return contents
    }

    /// Records with sound heads, and where they begin and end. Records begin at multiples of eight bytes.
    private static func scan(_ file: UnsafeRawBufferPointer) -> [(record: JournalRecord, start: Int, end: Int)] {
        var found: [(record: JournalRecord, start: Int, end: Int)] = [], offset = 0
        while offset + JournalRecord.headBytes <= file.count {
            let start = offset
            if let record = JournalRecord(file, at: &offset) {
                if record.generation != found.first?.record.generation ?? record.generation { break }
                found.append((record, start, offset))
            } else {
                offset += 8
            }
        }
        return found
    }
}
