/// A `String`'s own 16 bytes. Equal bytes mean the same text as long as one of the strings is kept alive, so that
/// names written in the program's source are recognised without looking at a character.
@usableFromInline
struct RawName: Equatable {
    @usableFromInline var low: UInt64
    @usableFromInline var high: UInt64

    @inlinable @inline(__always)
    init(_ text: String) {
        (low, high) = unsafeBitCast(text, to: (UInt64, UInt64).self)
    }
}

/// The metrics of one kind of row, in order: rows name their layout, not their metrics.
final class Layout {
    /// Distinct and valid names.
    let names: [String]
    /// Which of the caller's values are kept, in the order of `names`; `nil` means all, as they come.
    let selection: [Int]?
    /// Bytes of the record that declares it.
    let declarationBytes: Int
    /// Values that are not kept because their names are not valid.
    let refused: Int
    /// The segment in which it is declared, and its number there.
    var segment: UInt32 = 0
    var id: UInt16 = 0

    /// Keeps the last of repeated names, and leaves out names that no server takes (empty, or longer than 500 bytes).
    init(given: [String]) {
        var place: [String: Int] = [:], names: [String] = [], selection: [Int] = [], refused = 0
        for (index, name) in given.enumerated() {
            guard (1...500).contains(name.utf8.count) else { refused += 1; continue }
            if let known = place[name] { selection[known] = index; continue }
            place[name] = names.count
            names.append(name)
            selection.append(index)
        }
        self.names = names
        self.selection = selection == Array(given.indices) ? nil : selection
        self.refused = refused
        let bytes = names.reduce(2) { $0 + 2 + $1.utf8.count }
        declarationBytes = SpoolFormat.recordHeaderBytes + SpoolFormat.padded(bytes)
    }
}

/// Finds the layout of a call by the raw bytes of its names: a table of 512 places, each for one call's names.
///
/// Guarded by the collector's lock.
struct LayoutTable: ~Copyable {
    private static let places = 512
    private struct Place {
        var hash: UInt64
        var raw: [RawName]
        var given: [String]     // kept alive, so that equal bytes mean equal text
        var layout: Layout
    }
    private var places = [Place?](repeating: nil, count: LayoutTable.places)
    private var known: [[String]: Layout] = [:]

    /// O(names) on a hit, with no look at their characters.
    @inline(__always)
    mutating func layout(of raw: UnsafePointer<RawName>, count: Int, names: () -> [String]) -> Layout {
        var hash: UInt64 = UInt64(truncatingIfNeeded: count)
        for index in 0..<count {
            hash = (hash ^ raw[index].low) &* 0x9E37_79B9_7F4A_7C15
            hash = (hash ^ raw[index].high ^ (hash &>> 29)) &* 0xBF58_476D_1CE4_E5B9
        }
        let index = Int(truncatingIfNeeded: hash &>> 55)
        if let layout = places.withUnsafeBufferPointer({ places -> Layout? in
            guard places[index] != nil, places[index]!.hash == hash, places[index]!.raw.count == count else { return nil }
            let same = places[index]!.raw.withUnsafeBufferPointer { known in
                for place in 0..<count where known[place] != raw[place] { return false }
                return true
            }
            return same ? places[index]!.layout : nil
        }) { return layout }
        return learn(UnsafeBufferPointer(start: raw, count: count), hash, index, names())
    }

    private mutating func learn(_ raw: UnsafeBufferPointer<RawName>, _ hash: UInt64, _ index: Int, _ given: [String]) -> Layout {
        let layout = known[given] ?? Layout(given: given)
        if known.count >= 4_096 { known.removeAll(keepingCapacity: true) }      // names made anew for each call must not pile up
        known[given] = layout
        places[index] = Place(hash: hash, raw: Array(raw), given: given, layout: layout)
        return layout
    }
}
