import Foundation
import GRDB
import Synchronization
import Testing
import TrackModel
@testable import TrackStore

@Suite("The journal", .serialized) struct JournalTests {
    // MARK: - What is acknowledged

    @Test("is synced before a batch is acknowledged, and takes it instead of the table") func acknowledged() async throws {
        try await withJournal { store, _ in
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])            // a new metric: its batch becomes a row
            let syncs = Syncs()
            try await syncs.watch(store)
            for number in 1...5 {
                try await store.log(run, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1))
                #expect(syncs.count == number)
            }
            #expect(try await store.rowsOfBatches() == 1)
            #expect(try await store.buckets(run, "loss")?.points == 6)
        }
    }

    @Test("is not waited for with normal durability") func normal() async throws {
        try await withJournal(.init(durability: .normal)) { store, _ in
            let run = try await store.newRun(), syncs = Syncs()
            try await syncs.watch(store)
            for number in 0..<4 { try await store.log(run, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1)) }
            #expect(syncs.count == 0)
            #expect(try await store.rowsOfBatches() == 1)
        }
    }

    @Test("takes no batch that brings more than points, nor a large one") func others() async throws {
        try await withJournal { store, _ in
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])
            try await store.log(run, ["loss": [2]], steps: [1], sequence: 2, extras: BatchExtras(logs: [.init(time: 0, stream: "stdout", text: "x")]))
            let steps = (2..<2_000).map { Int64($0) }
            try await store.log(run, ["loss": steps.map { Double($0) }], steps: steps, sequence: 3)
            try await store.log(run, ["loss": [3]], steps: [2_000], sequence: 4)
            #expect(try await store.rowsOfBatches() == 3)
            #expect(try await store.buckets(run, "loss")?.points == 2_001)
        }
    }

    @Test("refuses and repeats as the table does") func refused() async throws {
        try await withJournal { store, _ in
            let run = try await store.newRun()
            try await store.log(run, ["loss": [1]], steps: [0])
            try await store.log(run, ["loss": [2]], steps: [1], sequence: 2)
            #expect(try await store.log(run, ["loss": [2]], steps: [1], sequence: 2).duplicate)
            await #expect(throws: StoreError.sequenceGap(writer: "w", expected: 3, given: 5)) { try await store.log(run, ["loss": [2]], steps: [1], sequence: 5) }
            await #expect(throws: StoreError.unknownAttempt(2, run: run, latest: 1)) { try await store.log(run, ["loss": [2]], steps: [1], sequence: 3, attempt: 2) }
        }
    }

    // MARK: - A disk that fails

    @Test("acknowledges nothing that may not have reached the disk, and moves everything into the tables then") func failing() async throws {
        try await withJournal { store, folder in
            let run = try await store.newRun(), syncs = Syncs()
            try await store.log(run, ["loss": [1]], steps: [0])
            try await store.log(run, ["loss": [2]], steps: [1], sequence: 2)
            try await syncs.watch(store)
            syncs.fails.store(true, ordering: .releasing)
            await #expect(throws: DatabaseError.self) { try await store.log(run, ["loss": [3]], steps: [2], sequence: 3) }
            syncs.fails.store(false, ordering: .releasing)

            #expect(try await store.log(run, ["loss": [3]], steps: [2], sequence: 3).duplicate)
            #expect(try await store.rowsOfBatches() == 3)
            try await store.log(run, ["loss": [4]], steps: [3], sequence: 4)
            #expect(try await store.rowsOfBatches() == 3)           // it is in use again
            try await expectAll(4, of: run, in: crashed(folder))
        }
    }

    @Test("loses nothing when the store is closed after a disk has failed") func closing() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: quiet()), run = try await store.newRun(), syncs = Syncs()
            for number in 0..<5 { try await store.log(run, ["loss": [1]], steps: [Int64(number)], sequence: UInt64(number + 1)) }
            try await syncs.watch(store)
            syncs.fails.store(true, ordering: .releasing)
            await #expect(throws: DatabaseError.self) { try await store.log(run, ["loss": [1]], steps: [5], sequence: 6) }
            try await store.close()
            try await expectAll(6, of: run, in: folder)
        }
    }

    @Test("is on the disk before anything is committed to the tables") func order() async throws {
        try await withJournal { store, _ in
            let run = try await store.newRun(), syncs = Syncs()
            let batch = try EncodedBatch(Batch(attempt: 1, writer: "w", sequence: 1, steps: [1], times: [0], columns: [.init(name: "loss", optional: [1])]))
            let change = { @Sendable (writer: Writer, db: Database) in
                #expect(writer.journal.hasRoom(for: JournalRecord.size(of: batch)) { true })
                writer.journal.add(batch, id: 1_000, run: 1, code: run)
                #expect(writer.journal.write() && writer.journal.isUnsynced)
                try db.execute(sql: "UPDATE run SET notes = COALESCE(notes, '') || 'changed'")
            }
            try await syncs.watch(store)
            try await store.write(change)
            #expect(syncs.count == 1 && !store.journal.isUnsynced)

            syncs.fails.store(true, ordering: .releasing)
            await #expect(throws: DatabaseError.self) { try await store.write(change) }
            #expect(try await store.run(run).notes == "changed")
        }
    }

    // MARK: - After a crash

    @Test("becomes rows when the store is opened after a crash, as often as that happens") func crash() async throws {
        try await withJournal { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<300, of: run)
            let copy = try crashed(folder)
            try await expectAll(300, of: run, in: copy)
            // Now the tables have it all. If the files are there once more, they add nothing.
            for path in Journal.paths(in: folder) where FileManager.default.fileExists(atPath: path) {
                try FileManager.default.copyItem(atPath: path, toPath: copy + "/" + (path as NSString).lastPathComponent)
            }
            try await expectAll(300, of: run, in: copy)
        }
    }

    @Test("knows what was folded, and what of it was not") func folded() async throws {
        try await withJournal { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<50, of: run)
            try await store.fold(run)
            try await store.logEach(50..<80, of: run)
            try await expectAll(80, of: run, in: crashed(folder))
        }
    }

    @Test("brings nothing back of a run that was deleted, not even into another of its name") func deleted() async throws {
        try await withJournal { store, folder in
            let id = RunID("abcdefgh")!
            _ = try await store.newRun(id)
            try await store.logEach(0..<20, of: id)
            _ = try await store.deleteRun(id)
            _ = try await store.newRun(id)
            try await store.logEach(0..<3, of: id)
            try await expectAll(3, of: id, in: crashed(folder))
        }
    }

    /// Without waiting for the disk: nothing is flushed before the folder is copied.
    private static let quick = StoreOptions(durability: .normal)

    @Test("leaves out what was written after something that never reached the disk") func torn() async throws {
        try await withJournal(Self.quick) { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<10, of: run)
            let copy = try crashed(folder), path = Journal.paths(in: copy)[0]
            #expect(JournalFile.read(path).records.map(\.sequence) == Array(2...10))
            try damage(path, at: 8 * recordSize(path) + JournalRecord.headBytes + 20)       // the last record: whether it was synced is told by a later one only
            #expect(JournalFile.read(path).records.count == 8)
            try await expectAll(9, of: run, in: copy)
        }
    }

    @Test("names a batch that was damaged later, and gives all others back") func damaged() async throws {
        try await withJournal(Self.quick) { store, folder in
            let run = try await store.newRun(), other = try await store.newRun()
            for number in 0..<10 { for run in [run, other] { try await store.logEach(number..<number + 1, of: run) } }
            let copy = try crashed(folder), path = Journal.paths(in: copy)[0]
            let record = JournalFile.read(path).records[4]
            try damage(path, at: 4 * recordSize(path) + JournalRecord.headBytes + 20)
            let opened = try SQLiteStore(directory: copy, migrations: StoreFactory.migrations, options: quiet())
            let problems = try await opened.verify().problems
            #expect(problems.map(\.what) == ["batch \(record.id) fails its checksum"])
            let whole = problems.first?.run == run ? other : run
            #expect(try await opened.buckets(whole, "loss")?.points == 10)
            try await opened.close()
        }
    }

    @Test("goes on behind a record whose head is damaged") func gap() async throws {
        try await withJournal(Self.quick) { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<10, of: run)
            let copy = try crashed(folder), path = Journal.paths(in: copy)[0]
            try damage(path, at: 3 * recordSize(path) + 20)
            let contents = JournalFile.read(path)
            #expect(contents.hasGap && contents.records.map(\.sequence) == [2, 3, 4, 6, 7, 8, 9, 10])
            let opened = try SQLiteStore(directory: copy, migrations: StoreFactory.migrations, options: quiet())
            #expect(try await opened.buckets(run, "loss")?.points == 9)
            try await opened.close()
        }
    }

    @Test("drops a batch whose predecessor the tables lost, for neither was acknowledged") func jump() async throws {
        try await withJournal(Self.quick) { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<5, of: run)
            let copy = try crashed(folder), path = Journal.paths(in: copy)[0]
            let size = recordSize(path)
            var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            bytes.removeSubrange(2 * size..<3 * size)          // as if number 4 had been a row that the log lost
            try Data(bytes).write(to: URL(filePath: path))
            try await expectAll(3, of: run, in: copy)
        }
    }

    // MARK: - Its files

    @Test("makes rows of what is not folded before a file is used again, and never grows") func spill() async throws {
        var options = quiet()
        options.journalBytes = 64 << 10
        try await withJournal(options) { store, folder in
            let run = try await store.newRun()
            try await store.logEach(0..<3_000, of: run)
            let rows = try await store.rowsOfBatches()
            #expect(rows > 1_500 && rows < 3_000)
            for path in Journal.paths(in: folder) { #expect((try FileManager.default.attributesOfItem(atPath: path)[.size] as! NSNumber).intValue <= 1 << 20) }
            #expect(try await store.buckets(run, "loss")?.points == 3_000)
            try await expectAll(3_000, of: run, in: crashed(folder))
            try await store.fold(run)
            #expect(try await store.rowsOfBatches() == 0)
            try await expectAll(3_000, of: run, in: crashed(folder))
        }
    }

    @Test("is empty in a backup, and gone when the store is closed") func elsewhere() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: quiet()), run = try await store.newRun()
            try await store.logEach(0..<40, of: run)
            let copy = folder + "/copy"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            try await store.backup(to: copy + "/track.sqlite")
            try await expectAll(40, of: run, in: copy)
            try await store.log(run, ["loss": [40]], steps: [40], sequence: 41)
            #expect(try await store.rowsOfBatches() == 40)
            try await store.close()
            #expect(Journal.paths(in: folder).allSatisfy { !FileManager.default.fileExists(atPath: $0) })
            try await expectAll(41, of: run, in: folder)
        }
    }

    @Test("has the form that its document draws") func format() throws {
        let batch = try EncodedBatch(Batch(attempt: 1, writer: "w", sequence: 7, steps: [1], times: [2], columns: [.init(name: "a", optional: [0.5])]))
        var bytes: [UInt8] = []
        JournalRecord.append(batch, generation: 0x0102_0304_0506_0708, id: 9, run: 10, code: RunID("abcdefgh")!, safe: 4_096, to: &bytes)
        let head = bytes.prefix(JournalRecord.headBytes + 1).map { String(format: "%02x", $0) }.joined()
        #expect(bytes.count % 8 == 0 && bytes.count == JournalRecord.size(of: batch))
        #expect(head == Self.head)
        var offset = 0
        let read = try #require(bytes.withUnsafeBytes { JournalRecord($0, at: &offset) })
        #expect(offset == bytes.count && read.isSound && read.bytes == batch.bytes && read.safe == 4_096)
        #expect((read.id, read.run, read.sequence) == (9, 10, 7) && (read.rows, read.points, read.attempt) == (1, 1, 1))
        for place in 0..<bytes.count {
            var damaged = bytes
            damaged[place] ^= 0x10
            var offset = 0
            let read = damaged.withUnsafeBytes { JournalRecord($0, at: &offset) }
            #expect(read == nil || !read!.isSound || damaged[place...].count <= 7, "byte \(place)")        // but for the padding
        }
    }

    /// Version 1, as it was written first.
    private static let head = "544a5201d5120bf8080706050403020109000000000000000a0000000000000061626364656667680700000000000000"
        + "001000000000000048000000b2644a330100000001000000010000000100000077"
}

// MARK: - Helpers

private func quiet(_ given: StoreOptions = StoreOptions()) -> StoreOptions {
    var options = given
    options.foldsInBackground = false
    return options
}

private func withJournal(_ options: StoreOptions = StoreOptions(), _ body: (SQLiteStore, String) async throws -> Void) async throws {
    try await withFolder { folder in
        let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: quiet(options))
        do { try await body(store, folder) } catch { try? await store.close(); throw error }
        try await store.close()
    }
}

/// What a server that is killed now leaves behind.
func crashed(_ folder: String) throws -> String {
    let copy = folder + "/crashed-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for path in Journal.paths(in: folder) + [folder + "/track.sqlite", folder + "/track.sqlite-wal"] where FileManager.default.fileExists(atPath: path) {
        try FileManager.default.copyItem(atPath: path, toPath: copy + "/" + (path as NSString).lastPathComponent)
    }
    return copy
}

/// All records of these tests have the size of the first: batches of one value by a writer with a name of one letter.
private func recordSize(_ path: String) -> Int { (JournalRecord.headBytes + 1 + JournalFile.read(path).records[0].bytes.count + 7) & ~7 }

private func damage(_ path: String, at offset: Int) throws {
    var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    bytes[offset] ^= 0x40
    try Data(bytes).write(to: URL(filePath: path))
}

/// Opens what a crash left: every batch is there once, everything agrees, and the run goes on where it stopped.
private func expectAll(_ count: Int, of run: RunID, in folder: String) async throws {
    let store = try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: quiet())
    #expect(Journal.paths(in: folder).allSatisfy { !FileManager.default.fileExists(atPath: $0) })
    #expect(try await store.verify().problems.isEmpty)
    #expect(try await store.buckets(run, "loss")?.points == count)
    #expect(try await store.run(run).rows == count)
    #expect(try await store.log(run, ["loss": [0]], steps: [Int64(count - 1)], sequence: UInt64(count)).duplicate)
    try await store.close()
}

extension SQLiteStore {
    /// A batch for each of these steps, whose values are the steps.
    fileprivate func logEach(_ steps: Range<Int>, of run: RunID) async throws {
        for step in steps { try await log(run, ["loss": [Double(step)]], steps: [Int64(step)], sequence: UInt64(step + 1)) }
    }

    fileprivate func rowsOfBatches() async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM batch") ?? 0 }
    }
}

/// Stands between the journal and its files: counts syncs, and makes them fail.
private final class Syncs: Sendable {
    private let counted = Atomic(0)
    let fails = Atomic(false)
    var count: Int { counted.load(ordering: .acquiring) }

    func watch(_ store: SQLiteStore) async throws {
        try await store.write { [self] writer, _ in
            writer.journal.synchronize = { [self] file in
                counted.add(1, ordering: .releasing)
                return !fails.load(ordering: .acquiring) && JournalFile.sync(file)
            }
        }
    }
}
