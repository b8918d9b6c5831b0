import Foundation
import Synchronization
import TrackModel

/// One writer's files in a run's spool folder, as the living process sees them: it makes segments and removes acknowledged ones.
final class SpoolWriter: SegmentSupply, @unchecked Sendable {    // `lock` guards all variables
    /// What to do when the spool is full.
    let policy: SpoolPolicy
    let limit: Int
    let folder: String
    let run: RunID
    let largestRecord = 8 << 20
    private let lock = Lock()
    private(set) var writer: String
    private var spare: Segment?
    /// Bytes of each segment that is not yet acknowledged.
    private var sizes: [UInt32: Int] = [:]
    private var memory: [UInt32: Segment] = [:]
    /// Segments that the collector writes in, for as long as somebody holds them: who reads them here needs no mapping of its own.
    private var mapped: [UInt32: Mapped] = [:]
    private struct Mapped { weak var segment: Segment? }
    /// How many rows were logged before each segment.
    private var firstRows: [UInt32: Int] = [:]
    private var aliveness: Int32 = -1
    private var hasManifest = false
    /// Rows thrown away to keep newer ones.
    private var discarded = 0
    /// Rows that are known to be stored, or lost: what is thrown away from before them is no loss.
    private var passedRows: UInt64 = 0
    private var manifest: Manifest
    private var note: (kind: String, text: String)?
    /// What a child of `fork()` must do to deliver its own rows; set by the run.
    var afterFork: (@Sendable (SpoolWriter, Manifest) -> Void)?
    /// The background thread waits for it; signalled when a segment is full.
    private(set) var wake = Lock()
    private static let memoryLimit = 8 << 20

    init(folder: String, manifest: Manifest, limit: Int, policy: SpoolPolicy) {
        (self.folder, self.limit, self.policy) = (folder, limit, policy)
        (run, writer, self.manifest) = (manifest.request.id!, manifest.writer, manifest)
    }

    deinit { closeAliveness() }

    private func closeAliveness() {
        guard aliveness >= 0 else { return }
        ForkGuard.forget(aliveness)
        close(aliveness)
        aliveness = -1
    }

    /// What must not be held by another thread at the moment of a `fork()`.
    var locks: [Lock] { [lock, wake] }

    /// Whether another process would find this spool: only then rows are written to disk.
    var isPrepared: Bool { lock.withLock { hasManifest } }

    /// Makes the folder, the manifest, which stays locked as long as this process lives, and room for the state.
    /// - Parameter keep: Puts the state of the delivery in its file, before the first segment is.
    /// - Throws: ``SpoolError`` if the folder cannot be written; rows are then kept in memory, and this is tried again.
    func prepare(_ keep: () throws -> Void = {}) throws {
        let descriptor = try makeManifest()
        do {
            let isFree = try { try StateFile(path: path(of: ".state")) != nil }()
            if isFree { try keep() }
        } catch {
            close(descriptor)
            unlink(path(of: ".json"))
            throw error
        }
        ForkGuard.closeInChildren(descriptor)
        lock.withLock {
            closeAliveness()
            (aliveness, hasManifest) = (descriptor, true)
        }
    }

    private func makeManifest() throws -> Int32 {
        var attempts = 0
        while true {
            try makeFolders(folder)
            do { return try manifest.save(to: path(of: ".json")) } catch {
                attempts += 1       // another process of this run may just have removed the folder, empty for a moment
                if attempts == 5 || access(folder, F_OK) == 0 { throw error }
            }
        }
    }

    func path(of suffix: String) -> String { folder + "/" + writer + suffix }
    private func path(_ number: UInt32) -> String { folder + "/" + SpoolFormat.segmentName(writer: writer, number: number) }

    func segment(number: UInt32, atLeast bytes: Int, rowsBefore: Int) -> Segment? {
        let segment = lock.withLock { () -> Segment? in
            guard let segment = takeSpare(number, atLeast: bytes) ?? make(number, atLeast: bytes) else { return nil }
            segment.begin(rowsBefore: rowsBefore)
            firstRows[number] = rowsBefore
            mapped = mapped.filter { $0.value.segment != nil }
            mapped[number] = Mapped(segment: segment)
            return segment
        }
        wake.signal()
        return segment
    }

    private func takeSpare(_ number: UInt32, atLeast bytes: Int) -> Segment? {
        guard let ready = spare else { return nil }
        spare = nil
        if ready.number == number, ready.capacity >= bytes { return ready }
        forget(ready)
        return nil
    }

    private func forget(_ segment: Segment) {
        if let path = segment.path { unlink(path) }
        (sizes[segment.number], memory[segment.number]) = (nil, nil)
    }

    /// Makes the next segment before it is needed. Called by the background thread.
    func prepareSpare(after number: UInt32) {
        lock.withLock { if spare == nil, hasManifest, used < limit { spare = make(number + 1, atLeast: 0) } }
    }

    private var used: Int { sizes.values.reduce(0, +) }

    private func make(_ number: UInt32, atLeast bytes: Int) -> Segment? {
        let capacity = max(bytes, number == 1 ? 256 << 10 : 1 << 20)
        if used + capacity > limit { forgetDelivered() }
        if used + capacity > limit {
            if policy == .dropOldest, let oldest = sizes.keys.min(), oldest < number - 1 { discard(oldest) } else {
                note = ("limit", "The spool \(folder) holds \(limit >> 20) MiB, which is its limit; new rows are not kept until some are delivered.")
                return nil
            }
        }
        let header = SegmentHeader(run: run.text, writer: writer, number: number, capacity: (capacity + 4_095) & ~4_095, time: wallClock_us())
        guard hasManifest else { return makeInMemory(header) }
        do {
            let segment = try Segment.create(path: path(number), number: number, capacity: header.capacity, header: header)
            sizes[number] = segment.capacity
            return segment
        } catch {
            if access(path(of: ".json"), F_OK) != 0 { hasManifest = false }        // somebody removed the folder: it is made again
            note = Self.inMemory(error)
            return makeInMemory(header)
        }
    }

    /// What is said once when the disk takes nothing.
    static func inMemory(_ error: any Error) -> (kind: String, text: String) {
        ("disk", "\(error) Rows wait in memory meanwhile, \(memoryLimit >> 20) MiB at most, and are lost if the process ends before they are delivered.")
    }

    private func makeInMemory(_ header: SegmentHeader) -> Segment? {
        let held = memory.values.reduce(0) { $0 + $1.capacity }
        guard held + header.capacity <= Self.memoryLimit,
              let segment = Segment.inMemory(number: header.number, capacity: header.capacity, header: header) else {
            note = ("full", "Disk and memory for waiting rows are full (\(folder)); rows are not kept until there is room. The report counts them.")
            return nil
        }
        memory[header.number] = segment
        return segment
    }

    /// Offline, another process may have delivered and removed segments.
    private func forgetDelivered() {
        for number in sizes.keys where access(path(number), F_OK) != 0 { sizes[number] = nil }
    }

    private func discard(_ number: UInt32) {
        unlink(path(number))
        sizes[number] = nil
        if let first = firstRows.removeValue(forKey: number), let next = firstRows[number + 1] {
            discarded += max(0, next - max(first, Int(clamping: passedRows)))
        }
        note = ("limit", "The spool \(folder) holds \(limit >> 20) MiB, which is its limit; the oldest rows are thrown away to keep the newest.")
    }

    /// Rows thrown away to keep newer ones.
    var discardedRows: Int { lock.withLock { discarded } }

    /// Copies what waits in memory to the disk, if there is room by now. `number` is the segment that is still being written.
    func persist(before number: UInt32) {
        let held = lock.withLock { hasManifest ? memory.filter { $0.key < number } : [:] }
        for (known, segment) in held.sorted(by: { $0.key < $1.key }) {
            guard (try? writeWhole([UInt8](segment.bytes), to: path(known))) != nil else { return }
            lock.withLock { (sizes[known], memory[known]) = (segment.capacity, nil) }
        }
    }

    /// Waits until the disk has every segment, and knows where it is.
    func synchronize() {
        let paths = lock.withLock { hasManifest ? sizes.keys.map(path) + [folder, NSString(string: folder).deletingLastPathComponent] : [] }
        for path in paths {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// Segments that would go with the process.
    var inMemory: [UInt32] { lock.withLock { memory.keys.sorted() } }

    /// The segment for reading: what the collector writes in, the memory itself, or the file mapped anew.
    func reading(_ number: UInt32) -> Segment? {
        if let segment = lock.withLock({ memory[number] ?? mapped[number]?.segment }) { return segment }
        return try? Segment.read(path: path(number))
    }

    /// Removes what the server has stored.
    func release(before number: UInt32, passedRows: UInt64) {
        lock.withLock {
            self.passedRows = passedRows
            for known in firstRows.keys where known < number { firstRows[known] = nil }
            for known in sizes.keys where known < number {
                unlink(path(known))
                sizes[known] = nil
            }
            for known in memory.keys where known < number { memory[known] = nil }
        }
    }

    /// What should be said to the user, once.
    func takeNote() -> (kind: String, text: String)? {
        lock.withLock {
            defer { note = nil }
            return note
        }
    }

    /// Bytes on disk that are not acknowledged.
    var waitingBytes: Int { lock.withLock { used } }

    /// Removes every file of this writer: all is delivered.
    func remove() {
        lock.withLock {
            if let path = spare?.path { unlink(path) }
            spare = nil
            for number in sizes.keys { unlink(path(number)) }
            (sizes, memory) = ([:], [:])
        }
        if !MediaSpool(run: folder).waiting(writer).isEmpty { return }      // whoever delivers the files needs the manifest
        for suffix in [".state", ".json"] { unlink(path(of: suffix)) }
        rmdir(folder + "/media")
        rmdir(folder)
    }

    /// Ends the claim that this process is alive, leaving the files to whoever delivers them later.
    func leave() {
        lock.withLock {
            if let spare { forget(spare) }
            spare = nil
            closeAliveness()
        }
    }

    /// The child's rows get a writer of their own; the parent's files and locks stay the parent's.
    func continueAfterFork() -> Bool {
        wake = Lock()
        (spare, sizes, memory, mapped, firstRows) = (nil, [:], [:], [:], [:])
        (aliveness, hasManifest, discarded, passedRows) = (-1, false, 0, 0)
        writer = "f" + randomBase32(length: 11)
        manifest.writer = writer
        manifest.leads = false
        manifest.process = getpid()
        manifest.request.resume = .allow
        manifest.request.resumeStep = nil
        do { try prepare() } catch { note = Self.inMemory(error) }
        afterFork?(self, manifest)
        return true
    }
}

/// Makes a folder and those above it, for this user alone.
private func makeFolders(_ path: String) throws {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    let parent = NSString(string: path).deletingLastPathComponent
    guard errno == ENOENT, parent != path, !parent.isEmpty else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
    try makeFolders(parent)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
}

/// What happens to rows when the spool has reached its limit.
public enum SpoolPolicy: String, Sendable, CaseIterable {
    /// New rows are not kept: what was logged first stays complete.
    case dropNewest
    /// The oldest rows are thrown away: what was logged last stays complete.
    case dropOldest
}
