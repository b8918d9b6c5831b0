import Foundation

/// Where a courier finds a writer's segments: the living process, or files that a process left behind.
protocol SpoolSource: AnyObject {
    var folder: String { get }
    var writer: String { get }
    func reading(_ number: UInt32) -> Segment?
    /// Removes segments that the server has stored. `passedRows`: rows of which nothing more is to be sent.
    func release(before number: UInt32, passedRows: UInt64)
    /// Whether records may still be added.
    var isGrowing: Bool { get }
    /// Whether a segment that is not found will never come: a living process may keep one in memory, and write it to disk later.
    var showsEverything: Bool { get }
    /// The numbers of all segments, in order.
    func numbers() -> [UInt32]
}

extension SpoolSource {
    func path(of suffix: String) -> String { folder + "/" + writer + suffix }

    /// The numbers of the segments on disk, in order.
    func numbersOnDisk() -> [UInt32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(writer + "-"), name.hasSuffix(".seg") else { return nil }
            return UInt32(name.dropFirst(writer.utf8.count + 1).dropLast(4))
        }.sorted()
    }
}

extension SpoolWriter: SpoolSource {
    var isGrowing: Bool { true }
    var showsEverything: Bool { true }
    func numbers() -> [UInt32] { Set(numbersOnDisk() + inMemory).sorted() }
}

/// Segments without a process of ours behind them: left by one that ended, or written by one that lives elsewhere.
final class SpoolFiles: SpoolSource {
    let folder: String
    let writer: String
    init(folder: String, writer: String) { (self.folder, self.writer) = (folder, writer) }

    func reading(_ number: UInt32) -> Segment? {
        try? Segment.read(path: folder + "/" + SpoolFormat.segmentName(writer: writer, number: number))
    }

    func release(before number: UInt32, passedRows: UInt64) {
        for known in numbersOnDisk() where known < number {
            unlink(folder + "/" + SpoolFormat.segmentName(writer: writer, number: known))
        }
    }

    /// Whether the process that writes is alive: it keeps its manifest locked.
    var isGrowing: Bool {
        let descriptor = open(path(of: ".json"), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }      // shared: two who ask do not see each other
        flock(descriptor, LOCK_UN)
        return false
    }

    var showsEverything: Bool { !isGrowing }
    func numbers() -> [UInt32] { numbersOnDisk() }

    /// Whether the writer's files are still there: another process may have delivered and removed them.
    var isThere: Bool { access(path(of: ".json"), F_OK) == 0 }

    func remove() {
        for number in numbersOnDisk() { unlink(folder + "/" + SpoolFormat.segmentName(writer: writer, number: number)) }
        if !MediaSpool(run: folder).waiting(writer).isEmpty { return }
        for suffix in [".state", ".json"] { unlink(path(of: suffix)) }
        rmdir(folder + "/media")
        rmdir(folder)
    }
}
