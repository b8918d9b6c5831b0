import Foundation

/// How far a writer's spool was delivered. Written by whoever delivers, before each batch and after each answer.
struct SpoolState: Equatable, Sendable {
    /// Everything before this place is stored by the server.
    var acknowledged = SpoolPosition.start
    /// The number of the next batch.
    var sequence: UInt64 = 1
    /// Where the batch with that number ends, once it was sent: until it is answered, no other rows may bear the number.
    var inFlight: SpoolPosition?
    /// The attempt that the server gave; 0 until the run was created.
    var attempt: UInt32 = 0
    var ended = false
    var rows: UInt64 = 0
    var points: UInt64 = 0
}

/// The file that keeps a ``SpoolState``: two slots written in turn, so that one is always whole; locked by whoever delivers.
final class StateFile {
    private let descriptor: Int32
    private var generation: UInt64 = 0
    private(set) var state = SpoolState()
    private static let slotBytes = 512, size = 72
    private static let magic: UInt32 = 0x5453_5254      // "TRST"

    /// Opens and locks the file; `nil` if somebody else is delivering this spool.
    init?(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        ForkGuard.closeInChildren(descriptor)
        for slot in 0..<2 {
            guard let (generation, state) = Self.read(descriptor, slot), generation > self.generation else { continue }
            (self.generation, self.state) = (generation, state)
        }
    }

    deinit {
        ForkGuard.forget(descriptor)
        close(descriptor)
    }

    /// Saves the state. `durably` also waits for the disk, which a batch needs before it is sent: see the format's page.
    func save(_ state: SpoolState, durably: Bool) {
        generation += 1
        self.state = state
        let bytes = Self.encode(state, generation)
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(Int(generation % 2) * Self.slotBytes)) }
        if durably { synchronize(descriptor) }
    }

    /// Reads a state without locking it, for reports.
    static func peek(_ path: String) -> SpoolState {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
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
            raw.storeBytes(of: SpoolFormat.check(UnsafeRawPointer(raw.baseAddress!), count: 68, seed: 7), toByteOffset: 68, as: UInt32.self)
        }
        return bytes
    }

    private static func read(_ descriptor: Int32, _ slot: Int) -> (UInt64, SpoolState)? {
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, size, off_t(slot * slotBytes)) }) == size else { return nil }
        return bytes.withUnsafeBytes { raw -> (UInt64, SpoolState)? in
            guard raw.load(as: UInt32.self) == magic,
                  raw.load(fromByteOffset: 68, as: UInt32.self) == SpoolFormat.check(raw.baseAddress!, count: 68, seed: 7) else { return nil }
            func word(_ offset: Int) -> UInt32 { raw.load(fromByteOffset: offset, as: UInt32.self) }
            func long(_ offset: Int) -> UInt64 { raw.load(fromByteOffset: offset, as: UInt64.self) }
            var state = SpoolState()
            state.acknowledged = SpoolPosition(segment: word(24), offset: word(28))
            state.inFlight = word(32) == 0 ? nil : SpoolPosition(segment: word(32), offset: word(36))
            (state.attempt, state.sequence, state.ended) = (word(4), long(16), word(56) == 1)
            (state.rows, state.points) = (long(40), long(48))
            return (long(8), state)
        }
    }
}

private func synchronize(_ descriptor: Int32) {
    #if os(Linux)
    fdatasync(descriptor)
    #else
    fsync(descriptor)
    #endif
}
