import Synchronization

/// The numbers of the spool's form, drawn in `docs/formats/spool.md`.
enum SpoolFormat {
    static let magic: UInt32 = 0x534B_5254          // "TRKS", read as little-endian
    static let version: UInt16 = 1
    static let headerBytes = 88
    /// What of the header its own check covers; the tally behind it changes.
    static let checkedHeaderBytes = 68
    static let tallyOffset = 72
    /// Check, kind, step delta, layout, and a time delta or a length.
    static let recordHeaderBytes = 12
    static let writerBytes = 28

    enum Kind {
        static let row64: UInt8 = 1
        static let row32: UInt8 = 2
        static let base: UInt8 = 3
        static let layout: UInt8 = 4
        static let histogram: UInt8 = 5
        static let extras: UInt8 = 6
        static let roll: UInt8 = 7
        static let end: UInt8 = 8
    }

    /// A check of `count` bytes, a multiple of 4, that is never 0; 0 stands where nothing is written yet.
    ///
    /// It tells torn records from whole ones and is no defence against malice: multiply and fold, 8 bytes at a time.
    @inline(__always)
    static func check(_ bytes: UnsafeRawPointer, count: Int, seed: UInt32) -> UInt32 {
        var hash = UInt64(seed) &+ 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset &+ 8 <= count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash &>> 32
            offset &+= 8
        }
        if offset < count {
            hash = (hash ^ UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash &>> 32
        }
        let folded = UInt32(truncatingIfNeeded: hash)
        return folded == 0 ? 1 : folded
    }

    /// Writes the check last, so that whoever sees it sees the whole record.
    @inline(__always)
    static func commit(_ value: UInt32, at pointer: UnsafeMutableRawPointer) {
        pointer.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.store(value, ordering: .releasing)
    }

    @inline(__always)
    static func committed(at pointer: UnsafeRawPointer) -> UInt32 {
        UnsafeMutableRawPointer(mutating: pointer).assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .acquiring)
    }

    static func padded(_ count: Int) -> Int { (count + 3) & ~3 }

    /// `WRITER-000001.seg`
    static func segmentName(writer: String, number: UInt32) -> String {
        let digits = String(number)
        return writer + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".seg"
    }
}

/// A place in a writer's spool: how far something was read, sent or acknowledged.
struct SpoolPosition: Equatable, Comparable, Sendable {
    var segment: UInt32
    var offset: UInt32

    /// Where every spool begins.
    static let start = SpoolPosition(segment: 1, offset: UInt32(SpoolFormat.headerBytes))

    static func < (left: SpoolPosition, right: SpoolPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
