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
    private var aliveness: Int32 = -1
    private var manifest: Manifest
    private var note: String?
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

    /// Makes the folder and the manifest, which stays locked as long as this process lives.
    /// - Throws: ``SpoolError`` if the folder cannot be written; rows are then kept in memory.
    func prepare() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try manifest.save(to: path(of: ".json"))
        aliveness = open(path(of: ".json"), O_RDONLY | O_CLOEXEC)
        if aliveness >= 0 {
            flock(aliveness, LOCK_EX)       // whoever asks whether we live holds it for an instant only
            ForkGuard.closeInChildren(aliveness)
        }
    }

    func path(of suffix: String) -> String { folder + "/" + writer + suffix }
    private func path(_ number: UInt32) -> String { folder + "/" + SpoolFormat.segmentName(writer: writer, number: number) }

    func segment(number: UInt32, atLeast bytes: Int) -> Segment? {
        let segment = lock.withLock { () -> Segment? in
            if let ready = spare, ready.number == number, ready.capacity >= bytes {
                spare = nil
                return ready
            }
            if let other = spare {
                spare = nil
                if let path = other.path { unlink(path) }
                sizes[other.number] = nil
            }
            return make(number, atLeast: bytes)
        }
        wake.signal()
        return segment
    }

    /// Makes the next segment before it is needed. Called by the background thread.
    func prepareSpare(after number: UInt32) {
        lock.withLock { if spare == nil, used < limit { spare = make(number + 1, atLeast: 0) } }
    }

    private var used: Int { sizes.values.reduce(0, +) }

    private func make(_ number: UInt32, atLeast bytes: Int) -> Segment? {
        let capacity = max(bytes, number == 1 ? 256 << 10 : number < 8 ? 1 << 20 : 4 << 20)
        if used + capacity > limit { forgetDelivered() }
        if used + capacity > limit {
            if policy == .dropOldest, let oldest = sizes.keys.min(), oldest < number - 1 { discard(oldest) } else {
                note = "The spool \(folder) holds \(limit >> 20) MiB, which is its limit; new rows are not kept until some are delivered."
                return nil
            }
        }
        let header = SegmentHeader(run: run.text, writer: writer, number: number, capacity: (capacity + 4_095) & ~4_095, time: wallClock_us())
        do {
            let segment = try Segment.create(path: path(number), number: number, capacity: header.capacity, header: header)
            sizes[number] = segment.capacity
            return segment
        } catch {
            note = "\(error) Rows wait in memory meanwhile, \(Self.memoryLimit >> 20) MiB at most, and are lost if the process ends."
            return makeInMemory(header)
        }
    }

    private func makeInMemory(_ header: SegmentHeader) -> Segment? {
        let held = memory.values.reduce(0) { $0 + $1.capacity }
        guard held + header.capacity <= Self.memoryLimit,
              let segment = Segment.inMemory(number: header.number, capacity: header.capacity, header: header) else { return nil }
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
        discarded += 1
        note = "The spool \(folder) holds \(limit >> 20) MiB, which is its limit; the oldest rows are thrown away to keep the newest."
    }

    private(set) var discarded = 0

    /// The segment for reading: mapped anew, or the memory itself.
    func reading(_ number: UInt32) -> Segment? {
        if let segment = lock.withLock({ memory[number] }) { return segment }
        return try? Segment.read(path: path(number))
    }

    /// Removes what the server has stored.
    func release(before number: UInt32) {
        lock.withLock {
            for known in sizes.keys where known < number {
                unlink(path(known))
                sizes[known] = nil
            }
            for known in memory.keys where known < number { memory[known] = nil }
        }
    }

    /// What should be said to the user, once.
    func takeNote() -> String? {
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
            sizes = [:]
            memory = [:]
        }
        for suffix in [".state", ".json"] { unlink(path(of: suffix)) }
        rmdir(folder + "/media")
        rmdir(folder)
    }

    /// Ends the claim that this process is alive, leaving the files to whoever delivers them later.
    func leave() {
        lock.withLock {
            if let path = spare?.path { unlink(path) }
            spare = nil
            closeAliveness()
        }
    }

    /// The child's rows get a writer of their own; the parent's files and locks stay the parent's.
    func continueAfterFork() -> Bool {
        wake = Lock()
        (spare, sizes, memory, aliveness) = (nil, [:], [:], -1)
        writer = "f" + randomBase32(length: 11)
        manifest.writer = writer
        manifest.leads = false
        manifest.process = getpid()
        manifest.request.resume = .allow
        manifest.request.resumeStep = nil
        do { try prepare() } catch { note = "\(error)" }
        afterFork?(self, manifest)
        return true
    }
}

/// What happens to rows when the spool has reached its limit.
public enum SpoolPolicy: String, Sendable, CaseIterable {
    /// New rows are not kept: what was logged first stays complete.
    case dropNewest
    /// The oldest rows are thrown away: what was logged last stays complete.
    case dropOldest
}
