import CKernels

/// The floats of one or more tensors; views share a storage. Its buffer comes from, and returns to, a cache.
final class Storage: Reusable {
    static var kind: Int { Int(CK_SPARE_STORAGE) }

    private var buffer: UnsafeMutablePointer<Float>
    /// The buffer's size in bytes; 0 while this object waits without one.
    private var granted: Int
    /// What the buffer will hold once somebody looks at it.
    private(set) var product: OuterProduct?
    /// Counts changes in place, so that repacked copies know when they are out of date.
    private(set) var version = 0

    private init(_ buffer: UnsafeMutablePointer<Float>, _ granted: Int) { (self.buffer, self.granted) = (buffer, granted) }

    /// A storage with undefined floats.
    static func take(count: Int) -> Storage {
        var granted = 0
        let buffer = takeBuffer(bytes: count * MemoryLayout<Float>.stride, &granted)
        guard let storage = spare() else { return Storage(buffer, granted) }
        (storage.buffer, storage.granted) = (buffer, granted)
        return storage
    }

    private static func takeBuffer(bytes: Int, _ granted: inout Int) -> UnsafeMutablePointer<Float> {
        if let waiting = ck_buffer_take_waiting(bytes, &granted) { return waiting }
        Results.collect(always: true)
        return ck_buffer_take(bytes, &granted)
    }

    /// The numbers of a column times a row, which are only written out if somebody looks: an optimizer need not.
    static func take(_ product: OuterProduct) -> Storage {
        let storage = take(count: product.rows * product.columns)
        storage.product = product
        return storage
    }

    deinit { if granted > 0 { ck_buffer_give(buffer, granted) } }

    /// Gives the buffer back and waits to be taken again. Whoever calls this has the only reference.
    func retire() {
        ck_buffer_give(buffer, granted)
        (granted, product, repacked) = (0, nil, nil)
        wait()
    }

    /// The first float.
    @inline(__always)
    var pointer: UnsafeMutablePointer<Float> {
        if product != nil { writeProduct() }
        return buffer
    }

    @inline(never)
    private func writeProduct() {
        guard let known = product else { return }
        product = nil
        known.write(to: buffer)
    }

    func markChanged() { version += 1 }

    private var repacked: (packing: Int64, version: Int, copy: Storage)?

    /// A copy of the elements in the order that a kernel reads them, kept until they change.
    func copy(packing: Int64, count: Int, _ pack: (UnsafeMutablePointer<Float>) -> Void) -> Storage {
        if let repacked, repacked.packing == packing, repacked.version == version { return repacked.copy }
        let copy = repacked.flatMap { $0.packing == packing ? $0.copy : nil } ?? Storage.take(count: count)
        pack(copy.pointer)
        repacked = (packing, version, copy)
        return copy
    }
}

/// A matrix `column · row`, by its two factors. They are copies: nothing can change them later.
struct OuterProduct {
    let rows: Int, columns: Int
    private let factors: Tensor

    init(column: Tensor, row: Tensor) {
        (rows, columns) = (column.count, row.count)
        factors = Tensor.uninitialized(Shape(rows + columns))
        factors.pointer.update(from: column.pointer, count: rows)
        (factors.pointer + rows).update(from: row.pointer, count: columns)
    }

    var count: Int { rows * columns }

    /// The product as kernels take it; valid as long as this value lives.
    var kernelForm: ck_outer_product {
        ck_outer_product(rows: Int64(rows), columns: Int64(columns), column: factors.pointer, row: factors.pointer + rows)
    }

    func write(to target: UnsafeMutablePointer<Float>) {
        ck_gemm(false, false, Int64(rows), Int64(columns), 1, factors.pointer, 1, factors.pointer + rows, Int64(columns), target, Int64(columns),
                false, nil, false)
    }
}

/// Settings and counters of the kernels, for the whole process.
public enum Compute {
    /// An instruction set that the kernels have code for.
    public enum Path: Int32, CaseIterable, Sendable {
        /// 128-bit vectors: SSE2 on x86-64, NEON on 64-bit ARM.
        case vector128 = 0
        case avx2 = 1
        case avx512 = 2

        /// Whether this processor has it.
        public var isAvailable: Bool { ck_path_available(rawValue) }
    }

    /// The threads that kernels use, the calling one included; at first the number of processors.
    ///
    /// Results are bitwise equal for any number: work is split by the problem's size alone.
    public static var threads: Int {
        get { Int(ck_threads()) }
        set { ck_set_threads(Int32(newValue)) }
    }

    /// How long idle threads wait awake for the next kernel before they sleep; 20 µs at first.
    public static var spin: Duration {
        get { .microseconds(Int(ck_spin())) }
        set { ck_set_spin(Int32(clamping: newValue / .microseconds(1) < 0 ? 0 : Int(newValue / .microseconds(1)))) }
    }

    /// The instruction set in use; at first the widest that the processor has. Results differ in the last bits between sets.
    /// - Precondition: The new value is available.
    public static var path: Path {
        get { Path(rawValue: ck_path())! }
        set { require(ck_set_path(newValue.rawValue), "This processor has no \(newValue). Ask `isAvailable` first.") }
    }

    /// What tensors hold now, in bytes and buffers.
    public struct Memory: Sendable, Equatable {
        /// Buffers handed out so far, and how many of those had to come from the system instead of the cache.
        public var buffersTaken: Int, buffersAllocated: Int
        /// Bytes in tensors now, bytes waiting in the cache, and the most that tensors ever held at once.
        public var liveBytes: Int, cachedBytes: Int, peakBytes: Int
    }

    /// Counters of the buffer cache. Steady training steps leave `buffersAllocated` as it is.
    public static var memory: Memory {
        Results.collect(always: true)
        let counts = ck_buffer_statistics()
        return Memory(
            buffersTaken: Int(counts.taken), buffersAllocated: Int(counts.allocated), liveBytes: Int(counts.live_bytes),
            cachedBytes: Int(counts.cached_bytes), peakBytes: Int(counts.peak_bytes))
    }

    /// Gives the cached buffers back to the system.
    public static func trimMemory() {
        Results.collect(always: true)
        ck_buffer_trim()
    }
}
