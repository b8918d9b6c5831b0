import Foundation
import Testing
import TrackModel
@testable import TrackStore

@Suite("A SQLite store, media") struct MediaStoreTests {
    /// SHA-256 of "hello".
    private let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    private func open(_ folder: String, _ options: StoreOptions = StoreOptions()) throws -> SQLiteStore {
        try SQLiteStore(directory: folder, migrations: StoreFactory.migrations, options: options)
    }

    private func keep(_ text: String, in store: SQLiteStore, digest: String? = nil) async throws -> (blob: BlobRecord, isNew: Bool) {
        let upload = try await store.makeUpload()
        for byte in text.utf8 { try upload.write([byte]) }
        return try await store.keep(upload, digest: digest)
    }

    private func refer(_ digest: String, from run: RunID, in store: SQLiteStore, name: String = "m", step: Int64 = 1, kind: String = "text",
                       writer: String = "w", sequence: UInt64 = 1, attempt: Int = 1) async throws {
        let reference = MediaReference(name: name, step: step, time: 7, kind: kind, digest: digest, size: 5, contentType: "text/plain", caption: "c\(step)")
        try await store.log(run, [:], steps: [], writer: writer, sequence: sequence, attempt: attempt, extras: BatchExtras(media: [reference]))
    }

    @Test("a file is kept once under its digest, and a wrong digest keeps nothing") func digests() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            let first = try await keep("hello", in: store), second = try await keep("hello", in: store, digest: hello)

            #expect(first.blob == BlobRecord(digest: hello, size: 5) && first.isNew && !second.isNew)
            #expect(try await store.blob(hello).path == folder + "/blobs/2c/" + hello.dropFirst(2))
            await #expect(throws: StoreError.digestMismatch(given: String(repeating: "0", count: 64), actual: hello)) {
                try await keep("hello", in: store, digest: String(repeating: "0", count: 64))
            }
            await #expect(throws: StoreError.unknownBlob("x")) { try await store.blob("x") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/incoming").isEmpty)
            try await store.close()
        }
    }

    @Test("what would go over the quota is refused, while it comes and when it is there") func quota() async throws {
        try await withFolder { folder in
            var options = StoreOptions()
            options.blobQuota = 8
            let store = try open(folder, options)
            _ = try await keep("hello", in: store)
            let late = try await store.makeUpload()
            try late.write(Array("abc".utf8))

            #expect(throws: StoreError.quotaExceeded(limit: 8)) { try late.write([1]) }
            let other = try await store.makeUpload()
            try other.write(Array("xyz".utf8))
            _ = try await store.keep(late, digest: nil)
            await #expect(throws: StoreError.quotaExceeded(limit: 8)) { try await store.keep(other, digest: nil) }
            await #expect(throws: StoreError.quotaExceeded(limit: 8)) { try await store.makeUpload() }
            try await store.close()
        }
    }

    @Test("a reference may come before its file, and shows as pending until then") func pending() async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await store.newRun()
            try await refer(hello, from: run, in: store)
            let before = try await store.media(MediaQuery(run: run))
            _ = try await keep("hello", in: store)
            let after = try await store.media(MediaQuery(run: run))

            #expect(before.media.map(\.pending) == [true] && after.media.map(\.pending) == [false])
            #expect(after.media[0].caption == "c1" && after.media[0].digest == hello && after.total == 1)
            #expect(try await store.blob(hello).contentType == "text/plain")
            try await store.close()
        }
    }

    @Test("is listed by kind, name and steps, in pages, in step order") func pages() async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await store.newRun()
            for step in 1...25 {
                try await refer(hello, from: run, in: store, name: step % 5 == 0 ? "b" : "a", step: Int64(26 - step), kind: step % 2 == 0 ? "image" : "text",
                                sequence: UInt64(step))
            }
            var steps: [Int64] = [], cursor: String?
            repeat {
                let page = try await store.media(MediaQuery(run: run, limit: 7, cursor: cursor))
                #expect(page.total == 25 && page.media.count <= 7)
                steps += page.media.map(\.step)
                cursor = page.nextCursor
            } while cursor != nil

            #expect(steps == (1...25).map(Int64.init))
            #expect(try await store.media(MediaQuery(run: run, kind: "image", name: "b")).media.map(\.step) == [6, 16])
            #expect(try await store.media(MediaQuery(run: run, from: 24)).media.map(\.step) == [24, 25])
            #expect(try await store.media(MediaQuery(run: run, to: 2)).total == 2)
            #expect(try await store.mediaNames(run) == [
                MediaSummary(name: "a", kind: "image", count: 10, firstStep: 2, lastStep: 24), MediaSummary(name: "a", kind: "text", count: 10, firstStep: 3, lastStep: 25),
                MediaSummary(name: "b", kind: "image", count: 2, firstStep: 6, lastStep: 16), MediaSummary(name: "b", kind: "text", count: 3, firstStep: 1, lastStep: 21),
            ])
            await #expect(throws: StoreError.self) { try await store.media(MediaQuery(run: run, cursor: "nonsense")) }
            try await store.close()
        }
    }

    @Test("of an older attempt is hidden from the step where a later one goes on") func attempts() async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await store.newRun()
            for step in 1...4 { try await refer(hello, from: run, in: store, step: Int64(step), sequence: UInt64(step)) }
            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .must, resumeStep: 3))
            try await refer(hello, from: run, in: store, step: 3, writer: "v", attempt: 2)

            let media = try await store.media(MediaQuery(run: run)).media
            #expect(media.map(\.step) == [1, 2, 3] && media.map(\.attempt) == [1, 1, 2])
            #expect(try await store.mediaNames(run).map(\.count) == [3])
            try await store.close()
        }
    }

    @Test("goes with the last run that refers to it, and the answer counts its bytes") func deletion() async throws {
        try await withFolder { folder in
            let store = try open(folder), one = try await store.newRun(), two = try await store.newRun()
            let large = try await keep(String(repeating: "x", count: 200_000), in: store).blob.digest
            _ = try await keep("hello", in: store)
            for digest in [large, hello] { try await refer(digest, from: one, in: store, sequence: digest == large ? 1 : 2) }
            try await refer(hello, from: two, in: store)

            let freed = try await store.deleteRun(one)

            #expect(freed >= 200_000)
            await #expect(throws: StoreError.unknownBlob(large)) { try await store.blob(large) }
            #expect(try await store.blob(hello).record.size == 5)
            #expect(FileManager.default.fileExists(atPath: folder + "/blobs/2c/" + hello.dropFirst(2)))
            _ = try await store.deleteRun(two)
            await #expect(throws: StoreError.unknownBlob(hello)) { try await store.blob(hello) }
            #expect(try await store.verify().problems.isEmpty)
            try await store.close()
        }
    }

    @Test("that nobody refers to is purged when it is old enough, and strays with it") func purge() async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await store.newRun()
            let unused = try await keep("nobody's", in: store).blob.digest
            _ = try await keep("hello", in: store)
            try await refer(hello, from: run, in: store)
            let stray = String(repeating: "ab", count: 32)
            try FileManager.default.createDirectory(atPath: folder + "/blobs/ab", withIntermediateDirectories: true)
            try Data([1, 2, 3]).write(to: URL(filePath: folder + "/blobs/ab/" + stray.dropFirst(2)))

            let young = try await store.purgeBlobs(olderThan: .seconds(3_600)), report = try await store.verify()
            #expect(young == (0, 0) && report.blobs == 2 && report.unusedBlobs == 1 && report.problems.count == 1)
            #expect(report.problems[0].what.contains("known to nobody"))
            let purged = try await store.purgeBlobs(olderThan: .seconds(-10))

            #expect(purged == (2, 11))
            await #expect(throws: StoreError.unknownBlob(unused)) { try await store.blob(unused) }
            #expect(try await store.verify().problems.isEmpty)
            #expect(try await store.blob(hello).record.size == 5)
            try await store.close()
        }
    }

    @Test("verify finds a changed file and a missing one; a restart drops what came half") func damage() async throws {
        try await withFolder { folder in
            var store = try open(folder)
            let other = try await keep("other", in: store).blob.digest
            _ = try await keep("hello", in: store)
            let half = try await store.makeUpload()
            try half.write([1, 2, 3])
            try Data("jello".utf8).write(to: URL(filePath: try await store.blob(hello).path))
            try FileManager.default.removeItem(atPath: try await store.blob(other).path)

            let problems = try await store.verify().problems.map(\.what)
            #expect(problems.count == 2 && problems.contains { $0.contains("holds other bytes") } && problems.contains { $0.contains("is missing") })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/incoming").count == 1)
            try await store.close()
            store = try open(folder)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/incoming").isEmpty)
            _ = try await keep("hello", in: store)
            let path = try await store.blob(hello).path
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello")
            try await store.close()
        }
    }

    @Test("a reference that cannot be is refused, and nothing of its batch stored", arguments: [
        ("", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "its name has 0 bytes"), ("m", "2CF2", "64 hexadecimal digits"),
    ]) func refusals(name: String, digest: String, words: String) async throws {
        try await withFolder { folder in
            let store = try open(folder), run = try await store.newRun()

            await #expect { try await refer(digest, from: run, in: store, name: name) } throws: { "\($0)".contains(words) }
            #expect(try await store.media(MediaQuery(run: run)).total == 0)
            try await store.close()
        }
    }

    @Test("where an attempt came from is kept, and the latest is shown") func environment() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            let run = try await store.makeRun(CreateRunRequest(project: "p", environment: ["host": "a", "git": ["commit": "c1"]])).run.id
            #expect(try await store.run(run).environment == ["host": "a", "git": ["commit": "c1"]])
            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .allow))
            #expect(try await store.run(run).environment?["host"] == "a")
            _ = try await store.makeRun(CreateRunRequest(id: run, project: "p", resume: .allow, environment: ["host": "b"]))

            #expect(try await store.run(run).environment == ["host": "b"])
            #expect(try await store.runs(RunsQuery(project: "p")).runs.first?.environment == nil)
            await #expect(throws: StoreError.self) { try await store.makeRun(CreateRunRequest(project: "p", environment: "words")) }
            try await store.close()
        }
    }
}
