import Foundation
import Synchronization
import TrackModel

/// Where small batches reach the disk: two files that are written one behind the other in turn, and never read but after a crash.
///
/// As a row of a table a small batch costs more than everything else about it: it is written into a page, with the page into SQLite's log, from there into
/// the database file, and is deleted again once it is folded. Most are folded soon; so they are only appended here and kept in memory. Those
/// that are not folded by the time their file is needed again become rows of `batch` (``Writer/spill(incoming:)``), as they all do when the store is
/// closed. After a crash they become rows before anything else happens.
///
/// Two rules keep the journal and the tables in step. Nothing is committed to the tables before the journal is on the disk: what a table says
/// of a batch is never older than the batch. And answers are given in the order of the writes: what stands here was acknowledged only after
/// everything that it relies on.
///
/// Confined to the writer, except for ``sync()``, ``isUnsynced`` and ``isBroken``.
final class Journal: @unchecked Sendable {      // what another thread reads is guarded by `state`
    private struct State {
        var descriptor: Int32 = -1
        var generation: UInt64 = 0
        var written = 0
        var synced = 0
        var isBroken = false
    }

    private let files: [JournalFile]
    private var active: Int?
    private let waits: Bool
    private let state = Mutex(State())
    /// The records of the group that is under way.
    private var records: [UInt8] = []
    private var added: [(run: Int64, id: Int64)] = []
    /// Waits for the disk; tests put their own in its place, in the writer's turn.
    var synchronize: @Sendable (Int32) -> Bool = JournalFile.sync

    /// Larger batches are rows at once: what is said above weighs less the larger they are, and they would fill the files.
    static let largestBatch = 16 << 10

    /// - Parameter waits: Whether anybody waits for the disk.
    init(folder: String, fileBytes: Int, waits: Bool) {
        files = fileBytes > 0 ? Self.paths(in: folder).map { JournalFile(path: $0, limit: fileBytes, isSynced: waits) } : []
        self.waits = waits
    }

    static func paths(in folder: String) -> [String] { ["a", "b"].map { folder + "/journal-\($0)" } }

    // MARK: - Writing

    /// Whether so many bytes of records can be written now. Goes over to the other file if that is free.
    /// - Parameter makeSafe: Brings to the disk what was committed to the tables: the other file's batches rely on it.
    func hasRoom(for bytes: Int, makeSafe: () -> Bool) -> Bool {
        if files.isEmpty || isBroken { return false }
        if let active, files[active].room >= bytes { return true }
        let next = active.map { 1 - $0 } ?? 0
        guard files[next].isFree, sync(), makeSafe(), files[next].begin(), files[next].room >= bytes else { return false }
        active = next
        state.withLock { $0 = State(descriptor: files[next].descriptor, generation: files[next].generation) }
        return true
    }

    /// Adds a batch to what ``write()`` writes. There must be room.
    func add(_ batch: EncodedBatch, id: Int64, run: Int64, code: RunID) {
        let safe = state.withLock { waits ? $0.synced : $0.written }
        JournalRecord.append(batch, generation: files[active!].generation, id: id, run: run, code: code, safe: safe, to: &records)
        added.append((run, id))
    }

    /// Writes what was added.
    /// - Returns: False if that failed; nothing more is written then until ``beginAnew()``.
    func write() -> Bool {
        defer { forgetAdded() }
        guard let active, !records.isEmpty else { return true }
        let succeeded = files[active].write(records, added)
        state.withLock {
            $0.written = files[active].used
            if !succeeded { $0.isBroken = true }
        }
        return succeeded
    }

    /// Takes back what was added since the last ``write()``.
    func forgetAdded() {
        records.removeAll(keepingCapacity: true)
        added.removeAll(keepingCapacity: true)
    }

    // MARK: - The disk

    /// Something was written that may not be on the disk.
    var isUnsynced: Bool { waits && state.withLock { $0.synced < $0.written } }

    /// A write or a sync failed: what the files hold cannot be relied on.
    var isBroken: Bool { state.withLock { $0.isBroken } }

    /// Waits until everything that was written is on the disk. On any thread.
    func sync() -> Bool {
        let before = state.withLock { $0 }
        guard waits, before.synced < before.written else { return !before.isBroken }
        let succeeded = synchronize(before.descriptor)
        state.withLock {
            if !succeeded { $0.isBroken = true }
            if succeeded, $0.generation == before.generation { $0.synced = max($0.synced, before.written) }
        }
        return succeeded
    }

    // MARK: - Batches that have to become rows

    /// The older file has to be free by the time the newer one is full.
    var isSpillDue: Bool {
        guard let active else { return false }
        return files[active].isNearlyFull && !files[1 - active].isFree
    }

    /// How many batches of each file stand elsewhere.
    struct Progress {
        fileprivate var done: [Int]
    }

    /// Goes through the batches that may stand nowhere else, oldest first.
    /// - Parameters:
    ///   - all: Also those of the newer file.
    ///   - visit: Returns whether it wants another one.
    /// - Returns: How far it came, for ``advance(to:)`` once they stand elsewhere.
    func waiting(all: Bool, _ visit: (_ run: Int64, _ id: Int64) throws -> Bool) rethrows -> Progress {
        var progress = Progress(done: files.map(\.done))
        guard let active else { return progress }
        for place in all ? [1 - active, active] : [1 - active] {
            while progress.done[place] < files[place].batches.count {
                let batch = files[place].batches[progress.done[place]]
                progress.done[place] += 1
                if try !visit(batch.run, batch.id) { return progress }
            }
        }
        return progress
    }

    func advance(to progress: Progress) {
        for (file, done) in zip(files, progress.done) { file.done = done }
    }

    /// Everything that was written stands in the tables, on the disk.
    func beginAnew() {
        for file in files { file.done = file.batches.count }
        active = nil
        state.withLock { $0 = State() }
    }

    /// Removes the files. Everything must stand in the tables, on the disk.
    func remove() {
        beginAnew()
        for file in files { unlink(file.path) }
    }
}
