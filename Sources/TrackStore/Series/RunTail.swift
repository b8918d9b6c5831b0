import Synchronization
import TrackModel
import TrackSeries

/// The acknowledged batches of a run that are not folded yet. Written by the writer after each commit, read by everybody.
final class RunTail: Sendable {
    struct Entry: Sendable {
        let id: Int64
        let rows: Int
        /// `nil` once the memory was needed: the table has the bytes.
        var batch: EncodedBatch?
        /// The table has it; what only the journal has stays in memory.
        var isRow: Bool
    }

    struct Contents: Sendable {
        var entries: [Entry] = []
        var rows = 0
        /// Of batches in memory that the table has too.
        var bytes = 0
        var changed = ContinuousClock.now
        var isEnded = false
        var isBroken = false
    }

    let row: Int64
    private let contents = Mutex(Contents())      // `entries` are in the order of their ids

    init(row: Int64) { self.row = row }

    var entries: [Entry] { contents.withLock { $0.entries } }
    var rows: Int { contents.withLock { $0.rows } }
    var bytes: Int { contents.withLock { $0.bytes } }
    /// When the last batch came.
    var changed: ContinuousClock.Instant { contents.withLock { $0.changed } }
    /// The run has ended: nothing more is expected.
    var isEnded: Bool { contents.withLock { $0.isEnded } }
    /// A fold failed: damaged batches are not tried again and again.
    var isBroken: Bool { contents.withLock { $0.isBroken } }
    func markEnded(_ ended: Bool) { contents.withLock { $0.isEnded = ended } }
    func markBroken() { contents.withLock { $0.isBroken = true } }
    var isEmpty: Bool { contents.withLock { $0.entries.isEmpty } }

    /// - Returns: How many rows wait now.
    @discardableResult
    func append(_ entry: Entry) -> Int {
        contents.withLock {
            $0.entries.append(entry)
            $0.rows += entry.rows
            $0.bytes += entry.evictableBytes
            $0.changed = .now
            return $0.rows
        }
    }

    /// The batches up to `id` that are rows of the table.
    func rows(upTo id: Int64) -> [Int64] {
        contents.withLock { $0.entries.lazy.prefix { $0.id <= id }.filter(\.isRow).map(\.id) }
    }

    /// Forgets batches up to `id`, which chunks hold from now on. Returns the bytes given back.
    func drop(upTo id: Int64) -> Int {
        contents.withLock { contents in
            let kept = contents.entries.firstIndex { $0.id > id } ?? contents.entries.count
            let dropped = contents.entries[..<kept]
            let bytes = dropped.reduce(0) { $0 + $1.evictableBytes }
            contents.rows -= dropped.reduce(0) { $0 + $1.rows }
            contents.bytes -= bytes
            contents.entries.removeFirst(kept)
            return bytes
        }
    }

    /// A batch that only the journal has; `nil` if it became a row or was folded.
    func onlyInJournal(_ id: Int64) -> EncodedBatch? {
        contents.withLock { contents in
            guard let place = contents.place(of: id), !contents.entries[place].isRow else { return nil }
            return contents.entries[place].batch
        }
    }

    /// Notes that a batch is a row now. Returns the bytes that can be given back from now on.
    func becameRow(_ id: Int64) -> Int {
        contents.withLock { contents in
            guard let place = contents.place(of: id), !contents.entries[place].isRow else { return 0 }
            contents.entries[place].isRow = true
            contents.bytes += contents.entries[place].evictableBytes
            return contents.entries[place].evictableBytes
        }
    }

    /// Keeps only the marks of the batches that are rows. Returns the bytes given back.
    func evict() -> Int {
        contents.withLock { contents in
            for index in contents.entries.indices where contents.entries[index].isRow { contents.entries[index].batch = nil }
            defer { contents.bytes = 0 }
            return contents.bytes
        }
    }
}

extension RunTail.Entry {
    fileprivate var evictableBytes: Int { isRow ? batch?.bytes.count ?? 0 : 0 }
}

extension RunTail.Contents {
    fileprivate func place(of id: Int64) -> Int? {
        entries.withUnsafeBufferPointer { entries in
            guard let first = entries.first?.id, id >= first else { return nil }
            let place = entries.indices.firstPlace { entries[$0].id >= id }
            return place < entries.count && entries[place].id == id ? place : nil
        }
    }
}

/// The tails of all runs that have one.
final class TailRegistry: Sendable {
    private let tails = Mutex<[Int64: RunTail]>([:])

    /// The tail of a run, by its row; `nil` when everything is folded.
    subscript(row: Int64) -> RunTail? { tails.withLock { $0[row] } }

    func tail(of row: Int64) -> RunTail {
        tails.withLock { tails in
            if let tail = tails[row] { return tail }
            let tail = RunTail(row: row)
            tails[row] = tail
            return tail
        }
    }

    func remove(_ row: Int64) { tails.withLock { _ = $0.removeValue(forKey: row) } }
    var all: [RunTail] { tails.withLock { Array($0.values) } }
}
