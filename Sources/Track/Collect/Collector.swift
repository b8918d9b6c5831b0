import Foundation
import Synchronization

/// Where rows are written down: a lock, a table of names, and one framed, checked record in mapped memory.
///
/// In the steady state `append` makes no system call and allocates nothing. The record is whole, and survives the death of
/// the process, as soon as the call returns.
@usableFromInline
final class Collector: @unchecked Sendable {     // `lock` guards all variables
    let lock = Lock()
    private let supply: any SegmentSupply
    private var table = LayoutTable()
    private var segment: Segment?
    /// The newest segment that outlives the process: it says what could not be kept.
    private var ledger: Segment?
    /// Rows that were lost before the ledger: it tells by itself how many should have come before it.
    private var evident = 0
    private var offset = 0
    private var previousStep: Int64 = 0
    private var previousTime: Int64 = 0
    private var nextLayout: UInt16 = 0
    private var nextStep: Int64 = 0
    private var generation = ForkGuard.generation.load(ordering: .relaxed)
    private var closed = false
    /// The process is about to be ended: whoever logs waits for that, so that no row is lost whose `log` has returned.
    private var holdsBack = false
    /// When disk and memory were full: asked again after this, so that `log` stays quick meanwhile.
    private var fullUntil_ns: Int64 = 0
    private var meter = LatencyMeter()
    private var calls: UInt64 = 0
    private var counts = Counts()

    struct Counts: Sendable, Equatable {
        var loggedRows = 0
        var loggedPoints = 0
        var droppedRows = 0
        var droppedExtras = 0
        var refusedValues = 0
        /// Bytes of records, with their frames.
        var bytes = 0
    }

    init(supply: any SegmentSupply) { self.supply = supply }

    /// Writes one row. `names` is asked for only when these names were not seen before.
    @usableFromInline
    func append(
        _ raw: UnsafePointer<RawName>, _ values: UnsafePointer<Double>, count: Int, step: Int64?, time: Int64?, names: () -> [String]
    ) {
        lock.lock()
        defer { lock.unlock() }
        if generation != ForkGuard.generation.load(ordering: .relaxed) { continueAfterFork() }
        calls &+= 1
        let started = calls & 15 == 0 || calls < 16 ? monotonic_ns() : 0
        let layout = table.layout(of: raw, count: count, names: names)
        let step = step ?? nextStep
        if step >= nextStep { nextStep = step == .max ? step : step &+ 1 }
        counts.refusedValues &+= layout.refused
        write(layout, values, step: step, time: time ?? wallClock_us())
        if started != 0 { meter.add(nanoseconds: monotonic_ns() &- started) }
    }

    @inline(__always)
    private func write(_ layout: Layout, _ values: UnsafePointer<Double>, step: Int64, time: Int64) {
        let count = layout.names.count
        if count == 0 { return }
        let narrow = layout.selection == nil ? areFloats(values, count) : false
        let size = SpoolFormat.recordHeaderBytes &+ count &* (narrow ? 4 : 8)
        guard !closed, makeRoom(size &+ layout.declarationBytes &+ 40), let segment else {
            dropRow()
            return
        }
        if layout.segment != segment.number { declare(layout, in: segment) }
        if time < previousTime || time &- previousTime > Int64(UInt32.max) || Int64(Int8(truncatingIfNeeded: step &- previousStep)) != step &- previousStep {
            writeBase(step: step, time: time, in: segment)
        }
        let record = segment.base + offset
        record.storeBytes(of: narrow ? SpoolFormat.Kind.row32 : SpoolFormat.Kind.row64, toByteOffset: 4, as: UInt8.self)
        record.storeBytes(of: Int8(truncatingIfNeeded: step &- previousStep), toByteOffset: 5, as: Int8.self)
        record.storeBytes(of: layout.id, toByteOffset: 6, as: UInt16.self)
        record.storeBytes(of: UInt32(truncatingIfNeeded: time &- previousTime), toByteOffset: 8, as: UInt32.self)
        (previousStep, previousTime) = (step, time)
        if narrow {
            for index in 0..<count { record.storeBytes(of: Float(values[index]), toByteOffset: 12 &+ index &* 4, as: Float.self) }
        } else if let selection = layout.selection {
            for index in 0..<count { record.storeBytes(of: values[selection[index]], toByteOffset: 12 &+ index &* 8, as: Double.self) }
        } else {
            (record + 12).copyMemory(from: values, byteCount: count &* 8)
        }
        commit(record, size, segment)
        counts.loggedRows &+= 1
        counts.loggedPoints &+= count
    }

    /// Whether every value is a `Float` in disguise, bit by bit: then it takes half the room.
    @inline(__always)
    private func areFloats(_ values: UnsafePointer<Double>, _ count: Int) -> Bool {
        for index in 0..<count where Double(Float(values[index])).bitPattern != values[index].bitPattern { return false }
        return true
    }

    @inline(__always)
    private func commit(_ record: UnsafeMutableRawPointer, _ size: Int, _ segment: Segment) {
        SpoolFormat.commit(SpoolFormat.check(record + 4, count: size &- 4, seed: segment.number), at: record)
        offset &+= size
        counts.bytes &+= size
    }

    private func dropRow() {
        if holdsBack { return holdBack() }
        counts.droppedRows += 1
        noteTally()
    }

    private func noteTally() { ledger?.tally = (counts.droppedRows - evident, counts.droppedExtras) }

    private func writeBase(step: Int64, time: Int64, in segment: Segment) {
        let record = segment.base + offset
        writeHeader(record, kind: SpoolFormat.Kind.base, layout: 0, length: 16)
        record.storeBytes(of: step, toByteOffset: 12, as: Int64.self)
        record.storeBytes(of: time, toByteOffset: 20, as: Int64.self)
        commit(record, 28, segment)
        (previousStep, previousTime) = (step, time)
    }

    private func declare(_ layout: Layout, in segment: Segment) {
        let record = segment.base + offset
        layout.segment = segment.number
        layout.id = nextLayout
        nextLayout += 1
        writeHeader(record, kind: SpoolFormat.Kind.layout, layout: layout.id, length: layout.declarationBytes - SpoolFormat.recordHeaderBytes)
        record.storeBytes(of: UInt16(layout.names.count), toByteOffset: 12, as: UInt16.self)
        var place = 14
        for name in layout.names {
            record.storeBytes(of: UInt16(name.utf8.count), toByteOffset: place, as: UInt16.self)
            for byte in name.utf8 {
                record.storeBytes(of: byte, toByteOffset: place + 2, as: UInt8.self)
                place += 1
            }
            place += 2
        }
        commit(record, layout.declarationBytes, segment)
    }

    private func writeHeader(_ record: UnsafeMutableRawPointer, kind: UInt8, layout: UInt16, length: Int) {
        record.storeBytes(of: kind, toByteOffset: 4, as: UInt8.self)
        record.storeBytes(of: 0, toByteOffset: 5, as: UInt8.self)
        record.storeBytes(of: layout, toByteOffset: 6, as: UInt16.self)
        record.storeBytes(of: UInt32(length), toByteOffset: 8, as: UInt32.self)
    }

    /// Makes sure that `size` bytes and a roll record fit, going over to the next segment if they do not.
    @inline(__always)
    private func makeRoom(_ size: Int) -> Bool {
        if let segment, segment.capacity &- offset >= size &+ SpoolFormat.recordHeaderBytes, nextLayout < 65_535 { return true }
        return roll(size)
    }

    private func roll(_ size: Int) -> Bool {
        if fullUntil_ns != 0, monotonic_ns() < fullUntil_ns { return false }
        let number = (segment?.number ?? 0) + 1
        let bytes = size + SpoolFormat.headerBytes + SpoolFormat.recordHeaderBytes
        guard let next = supply.segment(number: number, atLeast: bytes, rowsBefore: counts.loggedRows) else {
            fullUntil_ns = monotonic_ns() &+ 20_000_000
            return false
        }
        fullUntil_ns = 0
        if let segment {
            let record = segment.base + offset
            writeHeader(record, kind: SpoolFormat.Kind.roll, layout: 0, length: 0)
            commit(record, SpoolFormat.recordHeaderBytes, segment)
        }
        segment = next
        if next.isDurable {
            ledger = next
            noteTally()
        }
        offset = SpoolFormat.headerBytes
        previousStep = 0
        previousTime = SegmentHeader(next.base)?.time ?? 0
        nextLayout = 0
        return true
    }

    /// In a child of `fork()`: becomes a writer of its own, if that has not happened yet.
    func noticeFork() {
        lock.withLock { if generation != ForkGuard.generation.load(ordering: .relaxed) { continueAfterFork() } }
    }

    private func continueAfterFork() {
        generation = ForkGuard.generation.load(ordering: .relaxed)
        if closed { return }
        (segment, ledger) = (nil, nil)
        table = LayoutTable()
        counts = Counts()
        meter = LatencyMeter()
        closed = !supply.continueAfterFork()
    }
}

/// What is less frequent than rows.
extension Collector {
    /// Writes a record of another kind. `payload` may be of any length; it is padded with zeros.
    @discardableResult
    func append(kind: UInt8, payload: [UInt8]) -> Bool {
        lock.withLock { write(kind, payload) }
    }

    /// Writes the last record. Rows that come later are counted as dropped.
    /// - Parameters:
    ///   - holdsBack: The process is about to be ended: whoever logs later waits for that.
    ///   - payload: The record, made once no row can come before it any more.
    func end(holdsBack: Bool, payload: () -> [UInt8]) {
        let isOpen = lock.withLock { () -> Bool in
            defer { (closed, self.holdsBack) = (true, holdsBack) }
            return !closed
        }
        guard isOpen else { return }
        let payload = payload()
        lock.withLock {
            (closed, self.holdsBack) = (false, false)           // where the record finds no room it is dropped, and this thread goes on
            write(SpoolFormat.Kind.end, payload)
            (closed, self.holdsBack) = (true, holdsBack)
        }
    }

    @discardableResult
    private func write(_ kind: UInt8, _ payload: [UInt8]) -> Bool {
        if generation != ForkGuard.generation.load(ordering: .relaxed) { continueAfterFork() }
        let length = SpoolFormat.padded(payload.count), size = SpoolFormat.recordHeaderBytes + length
        guard !closed, size <= supply.largestRecord, makeRoom(size), let segment else {
            dropRecord()
            return false
        }
        let record = segment.base + offset
        // The padding is at most 3 zeros, already there; the exact length is told by the layout field.
        writeHeader(record, kind: kind, layout: UInt16(length - payload.count), length: length)
        payload.withUnsafeBytes { (record + SpoolFormat.recordHeaderBytes).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(record), byteCount: payload.count) }
        commit(record, size, segment)
        return true
    }

    private func dropRecord() {
        if holdsBack { return holdBack() }
        counts.droppedExtras += 1
        noteTally()
    }

    /// With the lock held. The library's own threads go on: what they would log is nobody's row.
    private func holdBack() {
        if ForkGate.isOwnThread { return }
        lock.unlock()
        while true { sleep(1) }
    }

    /// The step that a row without one would get.
    var upcomingStep: Int64 {
        get { lock.withLock { nextStep } }
        set { lock.withLock { nextStep = max(nextStep, newValue) } }
    }

    /// What was collected so far, and the latency of `log` in microseconds.
    var state: (counts: Counts, p50_us: Double, p99_us: Double) {
        lock.withLock { (counts, meter.quantile_us(0.5), meter.quantile_us(0.99)) }
    }

    /// The segment that is being written; 0 before the first record.
    var segmentNumber: UInt32 { lock.withLock { segment?.number ?? 0 } }

    /// Whether more than half of the current segment is used: time to make the next.
    var wantsSpare: Bool { lock.withLock { segment.map { offset > $0.capacity / 2 } ?? false } }

    /// Takes no more records, and lets go of the memory.
    func close() {
        lock.withLock {
            closed = true
            segment = nil
        }
    }

    /// Where the next record will be written: everything logged so far lies before it.
    var position: SpoolPosition? { lock.withLock { segment.map { SpoolPosition(segment: $0.number, offset: UInt32(offset)) } } }

    /// Rows of a segment that was kept in memory, and went with it.
    func lose(rows: Int, in number: UInt32) {
        lock.withLock {
            counts.loggedRows -= rows
            counts.droppedRows += rows
            if let ledger, number < ledger.number { evident += rows }
            noteTally()
        }
    }
}

/// Gives the collector memory to write in.
protocol SegmentSupply: AnyObject, Sendable {
    /// The next segment; `nil` when neither disk nor memory may be used any more.
    func segment(number: UInt32, atLeast bytes: Int, rowsBefore: Int) -> Segment?
    /// Called in a child after `fork()`, before its first record; `false` if it must not log.
    func continueAfterFork() -> Bool
    /// Bytes of the longest record that is taken.
    var largestRecord: Int { get }
}
