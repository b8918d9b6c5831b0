import Foundation

/// One of the journal's files: records one behind the other, written over those of an earlier generation.
///
/// Confined to the writer; only ``sync(_:)`` is for any thread.
final class JournalFile {
    let path: String
    private let limit: Int
    private let isSynced: Bool
    private var file: BlockFile?
    /// Told apart by this from what stood here before.
    private(set) var generation: UInt64 = 0
    /// Which batches stand here, in order.
    private(set) var batches: [(run: Int64, id: Int64)] = []
    /// So many of them, the oldest, stand elsewhere by now.
    var done = 0

    /// - Parameter isSynced: Whether the disk is waited for after each write.
    init(path: String, limit: Int, isSynced: Bool) { (self.path, self.limit, self.isSynced) = (path, limit, isSynced) }

    var descriptor: Int32 { file?.descriptor ?? -1 }
    /// Bytes of records.
    var used: Int { file?.used ?? 0 }
    /// Nothing that stands here is needed.
    var isFree: Bool { done == batches.count }
    var room: Int { limit - used }
    /// It will be full before long.
    var isNearlyFull: Bool { room < limit / 8 }

    /// Begins anew. Whatever stands here must not be needed.
    /// - Returns: False if the file cannot be had.
    func begin() -> Bool {
        file = file ?? BlockFile(path: path, limit: limit, isSynced: isSynced)
        file?.beginAnew()
        var random = SystemRandomNumberGenerator()
        generation = random.next()
        done = 0
        batches.removeAll(keepingCapacity: true)
        return file != nil
    }

    /// Writes records behind those that are there.
    /// - Returns: False if not all could be written.
    func write(_ bytes: [UInt8], _ added: [(run: Int64, id: Int64)]) -> Bool {
        guard let file, file.append(bytes) else { return false }
        batches += added
        return true
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
