import Foundation
import Testing
@testable import Track

@Suite("The spool") struct SpoolTests {
    private func spool(_ folder: TemporaryFolder, limit: Int = 1 << 30, policy: SpoolPolicy = .dropNewest) throws -> SpoolWriter {
        let manifest = Manifest(writer: "w1", url: nil, request: CreateRunRequest(id: RunID("aaaaaaaa"), project: "p"), leads: true, process: 1, startedAt: 0)
        let spool = SpoolWriter(folder: folder.path + "/spool/aaaaaaaa", manifest: manifest, limit: limit, policy: policy)
        try spool.prepare()
        return spool
    }

    private func log(_ rows: Range<Int>, to collector: Collector) {
        for row in rows {
            withUnsafePointer(to: RawName("loss")) { name in
                withUnsafePointer(to: Double(row) / 3) { value in
                    collector.append(name, value, count: 1, step: Int64(row), time: Int64(row), names: { ["loss"] })
                }
            }
        }
    }

    private func rows(_ source: any SpoolSource) -> [Int64] {
        var reader = SpoolReader(source, from: SpoolState())
        return reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max)).batch(attempt: 1, writer: "w1", sequence: 1).steps
    }

    @Test("a segment that is cut at any byte, or has one spoilt, gives the whole records before that place, and never a wrong one") func tornTails() throws {
        let folder = TemporaryFolder()
        let spool = try spool(folder), collector = Collector(supply: spool)
        log(0..<50, to: collector)
        let end = Int(try #require(collector.position).offset)
        collector.close()
        spool.leave()
        let files = SpoolFiles(folder: spool.folder, writer: "w1")
        let path = spool.folder + "/" + SpoolFormat.segmentName(writer: "w1", number: 1)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(end))
        #expect(rows(files) == (0..<50).map(Int64.init))

        var wrong: [Int] = []
        for place in SpoolFormat.headerBytes..<end {
            var flipped = whole, cut = whole
            flipped[place] ^= UInt8.random(in: 1...255)
            cut.replaceSubrange(place..., with: repeatElement(0, count: end - place))
            // The last bytes of a cut may have been zeros before it.
            for (bytes, fewest) in [(flipped, 1), (cut, cut == whole ? 0 : 1)] {
                overwrite(path, with: bytes)
                let read = rows(files)
                if read != (0..<Int64(read.count)).map({ $0 }) || read.count > 50 - fewest { wrong.append(place) }
            }
        }
        #expect(wrong == [])
    }

    private func overwrite(_ path: String, with bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY)
        pwrite(descriptor, bytes, bytes.count, 0)
        close(descriptor)
    }

    @Test("eight doubles take at most 10 bytes a point, frames and all; eight floats at most 6") func size() throws {
        let folder = TemporaryFolder()
        let run = try spool(folder), collector = Collector(supply: run)
        let names = (0..<8).map { "metric\($0)" }
        for scale in [1 / 3.0, 0.5] {
            let before = collector.state.counts
            for row in 0..<10_000 {
                let values = names.indices.map { Double(row + $0) * scale }
                names.map { RawName($0) }.withUnsafeBufferPointer { raw in
                    collector.append(raw.baseAddress!, values, count: 8, step: Int64(row), time: nil, names: { names })
                }
            }
            let after = collector.state.counts
            let perPoint = Double(after.bytes - before.bytes) / 80_000
            #expect(perPoint <= (scale == 0.5 ? 6 : 10))
        }
    }

    @Test("a full spool keeps the oldest or the newest rows, as was asked, and counts what it dropped") func limits() throws {
        let first = TemporaryFolder(), second = TemporaryFolder()
        let keepsOldest = try spool(first, limit: 1_300_000), keepsNewest = try spool(second, limit: 2_500_000, policy: .dropOldest)
        let a = Collector(supply: keepsOldest), b = Collector(supply: keepsNewest)
        log(0..<200_000, to: a)
        log(0..<200_000, to: b)

        let kept = rows(keepsOldest), newest = rows(keepsNewest)
        #expect(kept.first == 0 && kept.count == a.state.counts.loggedRows && a.state.counts.droppedRows == 200_000 - kept.count)
        #expect(keepsOldest.takeNote()?.text.contains("which is its limit") == true)
        #expect(newest.last == 199_999 && newest.first! > 0 && newest == (newest.first!...199_999).map { $0 })
    }

    @Test("without a folder rows wait in memory, and what does not fit is counted") func noFolder() throws {
        let manifest = Manifest(writer: "w1", url: nil, request: CreateRunRequest(id: RunID("aaaaaaaa"), project: "p"), leads: true, process: 1, startedAt: 0)
        let spool = SpoolWriter(folder: "/proc/no/such/folder", manifest: manifest, limit: 1 << 30, policy: .dropNewest)
        let collector = Collector(supply: spool)

        log(0..<1_000_000, to: collector)

        let counts = collector.state.counts
        #expect(counts.loggedRows > 100_000 && counts.loggedRows + counts.droppedRows == 1_000_000)
        #expect(rows(spool) == (0..<Int64(counts.loggedRows)).map { $0 } && spool.takeNote()?.text.contains("memory for waiting rows are full") == true)
    }

    @Test("a segment that is made while the reader looks for it is no gap; one that is gone is") func appearing() throws {
        let folder = TemporaryFolder()
        let spool = try spool(folder), collector = Collector(supply: spool)
        let looks = LateSegments(spool)
        var reader = SpoolReader(looks, from: SpoolState())
        looks.onMiss = { log(0..<10, to: collector) }

        #expect(reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max)).rows == 10 && reader.gaps == 0)

        log(10..<200_000, to: collector)
        unlink(spool.folder + "/" + SpoolFormat.segmentName(writer: "w1", number: 2))
        let rest = reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max)).rows
        #expect(reader.gaps == 1 && reader.lostRows > 0 && Int(reader.lostRows) + 10 + rest == 200_000)
    }

    @Test("a state file gives the last whole state, and one holder at a time") func state() throws {
        let folder = TemporaryFolder(), path = folder.path + "/w.state"
        var state = SpoolState()
        do {
            let file = try #require(try StateFile(path: path))
            #expect(try StateFile(path: path) == nil)
            for sequence in 1...5 as ClosedRange<UInt64> {
                state.sequence = sequence
                state.inFlight = SpoolPosition(segment: 1, offset: UInt32(64 * sequence))
                file.save(state, durably: sequence == 5)
            }
        }
        #expect(StateFile.peek(path) == state)

        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[512 + 20] ^= 1        // the newest state lies in the second slot
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(StateFile.peek(path).sequence == 4)
    }
}

/// A spool in which something happens just after a segment was not found.
private final class LateSegments: SpoolSource {
    private let spool: SpoolWriter
    var onMiss: (() -> Void)?

    init(_ spool: SpoolWriter) { self.spool = spool }

    var folder: String { spool.folder }
    var writer: String { spool.writer }
    var isGrowing: Bool { true }
    var showsEverything: Bool { true }
    func numbers() -> [UInt32] { spool.numbers() }
    func release(before number: UInt32, passedRows: UInt64) { spool.release(before: number, passedRows: passedRows) }

    func reading(_ number: UInt32) -> Segment? {
        if let found = spool.reading(number) { return found }
        let act = onMiss
        onMiss = nil
        act?()
        return nil
    }
}
