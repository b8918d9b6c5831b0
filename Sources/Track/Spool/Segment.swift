import Foundation

/// One stretch of the spool in memory: a mapped file, or plain memory where the disk has no room.
///
/// Its bytes are written by one collector and read by one courier; each record's check word orders them (`SpoolFormat.commit`).
final class Segment: @unchecked Sendable {
    let number: UInt32
    let capacity: Int
    let base: UnsafeMutableRawPointer
    /// `nil` for memory.
    let path: String?

    var isDurable: Bool { path != nil }

    private init(number: UInt32, capacity: Int, base: UnsafeMutableRawPointer, path: String?) {
        (self.number, self.capacity, self.base, self.path) = (number, capacity, base, path)
    }

    deinit { munmap(base, capacity) }

    /// Makes the file with all its blocks, so that writing into the mapping cannot meet a full disk (which would be a SIGBUS).
    static func create(path: String, number: UInt32, capacity: Int, header: SegmentHeader) throws -> Segment {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.cannotWrite(path: path, reason: systemError()) }
        defer { close(descriptor) }
        if let code = exceedsFileLimit(capacity) ? EFBIG : reserve(descriptor, capacity) {
            unlink(path)
            throw SpoolError.cannotWrite(path: path, reason: systemError(code))
        }
        guard let base = map(descriptor, capacity, writable: true) else {
            let reason = systemError()
            unlink(path)
            throw SpoolError.cannotWrite(path: path, reason: reason)
        }
        touch(base, capacity)
        header.write(to: base)
        return Segment(number: number, capacity: capacity, base: base, path: path)
    }

    /// A stretch of memory that is lost with the process; `nil` if there is none to be had.
    static func inMemory(number: UInt32, capacity: Int, header: SegmentHeader) -> Segment? {
        let base = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | mapAnonymous, -1, 0)
        guard let base, base != MAP_FAILED else { return nil }
        header.write(to: base)
        return Segment(number: number, capacity: capacity, base: base, path: nil)
    }

    /// Maps a segment for reading, also while another process writes it.
    static func read(path: String) throws -> Segment {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SpoolError.cannotRead(path: path, reason: systemError()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= SpoolFormat.headerBytes,
              let base = map(descriptor, Int(status.st_size), writable: false)
        else { throw SpoolError.damaged(path: path, reason: "it is shorter than a header") }
        let size = Int(status.st_size)
        guard let header = SegmentHeader(base), header.capacity <= size else {
            munmap(base, size)
            throw SpoolError.damaged(path: path, reason: "its header is not whole, or of another version")
        }
        return Segment(number: header.number, capacity: size, base: base, path: path)
    }

    /// Notes, before the first record, how many rows the segments before hold: whoever misses one of them can tell what is lost.
    func begin(rowsBefore: Int) {
        guard var header = SegmentHeader(base) else { return }
        header.rowsBefore = UInt64(rowsBefore)
        header.write(to: base)
    }

    /// Rows in earlier segments; `nil` if this one was never begun.
    var rowsBefore: UInt64? { SegmentHeader(base).flatMap { $0.rowsBefore == .max ? nil : $0.rowsBefore } }

    /// How many rows and other records could not be kept, from the writer's beginning until the last time that was noted here.
    var tally: (rows: Int, records: Int) {
        get {
            (Int(truncatingIfNeeded: base.load(fromByteOffset: SpoolFormat.tallyOffset, as: UInt64.self)),
             Int(base.load(fromByteOffset: SpoolFormat.tallyOffset + 8, as: UInt32.self)))
        }
        set {
            base.storeBytes(of: UInt64(newValue.rows), toByteOffset: SpoolFormat.tallyOffset, as: UInt64.self)
            base.storeBytes(of: UInt32(truncatingIfNeeded: newValue.records), toByteOffset: SpoolFormat.tallyOffset + 8, as: UInt32.self)
        }
    }

    /// The bytes, for a copy on disk of what waits in memory.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: capacity) }

    /// Makes every page writable now, on the thread that prepares, so that `log` meets no fault. Kernels before 5.14 do not know how; then
    /// each page costs its first writer about a microsecond.
    private static func touch(_ base: UnsafeMutableRawPointer, _ capacity: Int) {
        #if os(Linux)
        madvise(base, capacity, 23)         // MADV_POPULATE_WRITE
        #endif
    }

    private static func reserve(_ descriptor: Int32, _ capacity: Int) -> Int32? {
        #if os(Linux)
        let code = posix_fallocate(descriptor, 0, off_t(capacity))
        return code == 0 ? nil : code
        #else
        return ftruncate(descriptor, off_t(capacity)) == 0 ? nil : errno
        #endif
    }

    private static func map(_ descriptor: Int32, _ capacity: Int, writable: Bool) -> UnsafeMutableRawPointer? {
        #if os(Linux)
        let flags = writable ? MAP_SHARED | Int32(MAP_POPULATE) : MAP_SHARED      // faults are taken here, not by log
        #else
        let flags = MAP_SHARED
        #endif
        let base = mmap(nil, capacity, writable ? PROT_READ | PROT_WRITE : PROT_READ, flags, descriptor, 0)
        return base == MAP_FAILED ? nil : base
    }
}

#if os(Linux)
private let mapAnonymous = Int32(MAP_ANONYMOUS)
#else
private let mapAnonymous = MAP_ANON
#endif

/// What a segment begins with.
struct SegmentHeader {
    var run: String
    var writer: String
    var number: UInt32
    var capacity: Int
    /// Microseconds since 1970; the first record's time counts from here.
    var time: Int64
    /// Rows that the writer logged in earlier segments; `UInt64.max` until the first record of this one.
    var rowsBefore = UInt64.max

    init(run: String, writer: String, number: UInt32, capacity: Int, time: Int64) {
        (self.run, self.writer, self.number, self.capacity, self.time) = (run, writer, number, capacity, time)
    }

    /// `nil` if the bytes are no header of this version.
    init?(_ base: UnsafeRawPointer) {
        guard base.load(as: UInt32.self) == SpoolFormat.magic,
              base.load(fromByteOffset: 4, as: UInt16.self) == SpoolFormat.version,
              base.load(fromByteOffset: SpoolFormat.checkedHeaderBytes, as: UInt32.self) == Self.check(base) else { return nil }
        run = text(base + 8, 8)
        number = base.load(fromByteOffset: 16, as: UInt32.self)
        capacity = Int(base.load(fromByteOffset: 20, as: UInt32.self))
        time = base.load(fromByteOffset: 24, as: Int64.self)
        rowsBefore = base.load(fromByteOffset: 32, as: UInt64.self)
        writer = text(base + 40, SpoolFormat.writerBytes)
    }

    func write(to base: UnsafeMutableRawPointer) {
        base.storeBytes(of: SpoolFormat.magic, as: UInt32.self)
        base.storeBytes(of: SpoolFormat.version, toByteOffset: 4, as: UInt16.self)
        base.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
        for (index, byte) in run.utf8.prefix(8).enumerated() { base.storeBytes(of: byte, toByteOffset: 8 + index, as: UInt8.self) }
        base.storeBytes(of: number, toByteOffset: 16, as: UInt32.self)
        base.storeBytes(of: UInt32(capacity), toByteOffset: 20, as: UInt32.self)
        base.storeBytes(of: time, toByteOffset: 24, as: Int64.self)
        base.storeBytes(of: rowsBefore, toByteOffset: 32, as: UInt64.self)
        for (index, byte) in writer.utf8.prefix(SpoolFormat.writerBytes).enumerated() {
            base.storeBytes(of: byte, toByteOffset: 40 + index, as: UInt8.self)
        }
        base.storeBytes(of: Self.check(base), toByteOffset: SpoolFormat.checkedHeaderBytes, as: UInt32.self)
    }

    private static func check(_ base: UnsafeRawPointer) -> UInt32 { SpoolFormat.check(base, count: SpoolFormat.checkedHeaderBytes, seed: 0) }
}

private func text(_ bytes: UnsafeRawPointer, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes, count: count).prefix { $0 != 0 }, as: UTF8.self)
}

/// Whether the process may not make a file of this size (`ulimit -f`): trying would end it with SIGXFSZ.
func exceedsFileLimit(_ bytes: Int) -> Bool {
    var limit = rlimit()
    #if os(Linux)
    let code = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    #else
    let code = getrlimit(RLIMIT_FSIZE, &limit)
    #endif
    return code == 0 && limit.rlim_cur < rlim_t(bytes)
}

/// What the system says of an error number.
func systemError(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
