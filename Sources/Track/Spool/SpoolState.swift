import Foundation

/// How far a writer's spool was delivered. Written by whoever delivers, before each batch and after each answer.
struct SpoolState: Equatable, Sendable {
    /// Everything before this place is stored by the server, or was refused by it for ever.
    var acknowledged = SpoolPosition.start
    /// The number of the next batch.
    var sequence: UInt64 = 1
    /// Where the batch with that number ends, once it was sent: until it is answered, no other rows may bear the number.
    var inFlight: SpoolPosition?
    /// How many rows that batch has.
    var inFlightRows: UInt32 = 0
    /// The attempt that the server gave; 0 until the run was created.
    var attempt: UInt32 = 0
    var ended = false
    /// Counts the names under which the writer numbers its batches: a new one begins at 1 where a number cannot be used again.
    var epoch: UInt32 = 0
    var rows: UInt64 = 0
    var points: UInt64 = 0
    /// Rows that the server will never take.
    var refusedRows: UInt64 = 0
    /// Rows that were logged and are gone: thrown away from a full spool, kept in the memory of a process that was killed, or damaged.
    var lostRows: UInt64 = 0
    /// Places where something is missing: batches that the server lost, segments that are damaged or gone.
    var gaps: UInt32 = 0

    /// The name under which batches are numbered.
    func writerName(_ writer: String) -> String { epoch == 0 ? writer : "\(writer).\(epoch)" }
    /// Every row before ``acknowledged``, whatever became of it.
    var passedRows: UInt64 { rows + refusedRows + lostRows }
}

/// The file that keeps a ``SpoolState``: two slots written in turn, so that one is always whole; locked by whoever delivers.
///
/// Without a file, on a disk that takes none, the state is kept in memory: the rows are there, too.
final class StateFile {
    private var descriptor: Int32 = -1
    private var generation: UInt64 = 0
    private(set) var state = SpoolState()
    private static let slotBytes = 512, size = 96
    private static let magic: UInt32 = 0x5453_5254      // "TRST"

    /// A state in memory.
    init() {}

    /// Opens and locks the file; `nil` if somebody else is delivering this spool.
    init?(path: String) throws {
        guard try open(path) else { return nil }
        for slot in 0..<2 {
            guard let (generation, state) = Self.read(descriptor, slot), generation > self.generation else { continue }
            (self.generation, self.state) = (generation, state)
        }
    }

    deinit { leave() }

    /// Puts the present state into a file; `false` if somebody else holds it.
    func move(to path: String) throws -> Bool {
        leave()
        guard try open(path) else { return false }
        return save(state, durably: true)
    }

    /// Makes the file with all its room, so that no later save can meet a full disk.
    private func open(_ path: String) throws -> Bool {
        if exceedsFileLimit(2 * Self.slotBytes) { throw SpoolError.cannotWrite(path: path, reason: systemError(EFBIG)) }
        let opened = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            return false
        }
        var status = stat()
        if fstat(opened, &status) == 0, status.st_size < 2 * Self.slotBytes {
            let zeros = [UInt8](repeating: 0, count: 2 * Self.slotBytes - Int(status.st_size))
            guard pwrite(opened, zeros, zeros.count, status.st_size) == zeros.count, fsync(opened) == 0 else {
                let reason = systemError()
                close(opened)
                throw SpoolError.cannotWrite(path: path, reason: reason)
            }
        }
        descriptor = opened
        ForkGuard.closeInChildren(opened)
        return true
    }

    private func leave() {
        guard descriptor >= 0 else { return }
        ForkGuard.forget(descriptor)
        close(descriptor)
        descriptor = -1
    }

    /// Saves the state. `durably` also waits for the disk, which a batch needs before it is sent: see the format's page.
    /// - Returns: `false` if it could not be written.
    @discardableResult
    func save(_ state: SpoolState, durably: Bool) -> Bool {
        generation += 1
        self.state = state
        if descriptor < 0 { return true }
        let bytes = Self.encode(state, generation)
        let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(Int(generation % 2) * Self.slotBytes)) }
        return written == bytes.count && (!durably || synchronize())
    }

    /// Waits until the disk has the state that was saved last; `false` if it does not take it.
    func synchronize() -> Bool {
        if descriptor < 0 { return true }
        #if os(Linux)
        return fdatasync(descriptor) == 0
        #else
        return fsync(descriptor) == 0
        #endif
    }

    /// Reads a state without locking it, for reports.
    static func peek(_ path: String) -> SpoolState {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return SpoolState() }
        defer { close(descriptor) }
        return (0..<2).compactMap { read(descriptor, $0) }.max { $0.0 < $1.0 }?.1 ?? SpoolState()
    }

    private static func encode(_ state: SpoolState, _ generation: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: magic, as: UInt32.self)
            raw.storeBytes(of: state.attempt, toByteOffset: 4, as: UInt32.self)
            raw.storeBytes(of: generation, toByteOffset: 8, as: UInt64.self)
            raw.storeBytes(of: state.sequence, toByteOffset: 16, as: UInt64.self)
            raw.storeBytes(of: state.acknowledged.segment, toByteOffset: 24, as: UInt32.self)
            raw.storeBytes(of: state.acknowledged.offset, toByteOffset: 28, as: UInt32.self)
            raw.storeBytes(of: state.inFlight?.segment ?? 0, toByteOffset: 32, as: UInt32.self)
            raw.storeBytes(of: state.inFlight?.offset ?? 0, toByteOffset: 36, as: UInt32.self)
            raw.storeBytes(of: state.rows, toByteOffset: 40, as: UInt64.self)
            raw.storeBytes(of: state.points, toByteOffset: 48, as: UInt64.self)
            raw.storeBytes(of: state.ended ? 1 : 0, toByteOffset: 56, as: UInt32.self)
            raw.storeBytes(of: state.epoch, toByteOffset: 60, as: UInt32.self)
            raw.storeBytes(of: state.refusedRows, toByteOffset: 64, as: UInt64.self)
            raw.storeBytes(of: state.gaps, toByteOffset: 72, as: UInt32.self)
            raw.storeBytes(of: state.inFlightRows, toByteOffset: 76, as: UInt32.self)
            raw.storeBytes(of: state.lostRows, toByteOffset: 80, as: UInt64.self)
            raw.storeBytes(of: SpoolFormat.check(UnsafeRawPointer(raw.baseAddress!), count: 92, seed: 7), toByteOffset: 92, as: UInt32.self)
        }
        return bytes
    }

    private static func read(_ descriptor: Int32, _ slot: Int) -> (UInt64, SpoolState)? {
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, size, off_t(slot * slotBytes)) }) == size else { return nil }
        return bytes.withUnsafeBytes { raw -> (UInt64, SpoolState)? in
            guard raw.load(as: UInt32.self) == magic,
                  raw.load(fromByteOffset: 92, as: UInt32.self) == SpoolFormat.check(raw.baseAddress!, count: 92, seed: 7) else { return nil }
            func word(_ offset: Int) -> UInt32 { raw.load(fromByteOffset: offset, as: UInt32.self) }
            func long(_ offset: Int) -> UInt64 { raw.load(fromByteOffset: offset, as: UInt64.self) }
            var state = SpoolState()
            state.acknowledged = SpoolPosition(segment: word(24), offset: word(28))
            state.inFlight = word(32) == 0 ? nil : SpoolPosition(segment: word(32), offset: word(36))
            (state.attempt, state.sequence, state.ended, state.epoch) = (word(4), long(16), word(56) == 1, word(60))
            (state.rows, state.points, state.refusedRows, state.gaps) = (long(40), long(48), long(64), word(72))
            (state.inFlightRows, state.lostRows) = (word(76), long(80))
            return (long(8), state)
        }
    }
}
