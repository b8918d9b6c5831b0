import CZlib
import Foundation
import Testing
@testable import Track

@Suite("Media") struct MediaTests {
    @Test("digests are those of the standard, however the bytes come in", arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (String(repeating: "a", count: 10_000), "27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711"),
    ]) func digests(text: String, digest: String) {
        #expect(SHA256.digest(of: Array(text.utf8)) == digest)
        for size in [1, 63, 64, 65] where text.utf8.count <= 10_000 {
            var hash = SHA256(), rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                Array(rest.prefix(size)).withUnsafeBytes { hash.update($0) }
                rest = rest.dropFirst(size)
            }
            #expect(hash.finish() == digest)
        }
    }

    @Test("pixels come back from the PNG as they were", arguments: [(1, 1, 1), (7, 5, 1), (3, 4, 2), (16, 9, 3), (5, 31, 4)])
    func png(width: Int, height: Int, channels: Int) throws {
        let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }

        let file = try #require(PNGWriter.encode(pixels, width: width, height: height, channels: channels))

        let read = try #require(PNGReader(file))
        #expect(read.width == width && read.height == height && read.colorType == [0, 4, 2, 6][channels - 1])
        #expect(read.pixels(channels: channels) == pixels)
    }

    @Test("planes and numbers become the same picture as bytes side by side") func layouts() throws {
        let bytes: [UInt8] = [0, 128, 255, 10, 20, 30]      // two pixels of three channels
        let planes: [UInt8] = [0, 10, 128, 20, 255, 30]
        let floats = bytes.map { Float($0) / 255 }

        let one = try #require(encoded(Image(pixels: bytes, width: 2, height: 1)))
        #expect(encoded(Image(pixels: planes, width: 2, height: 1, layout: .planar)) == one)
        #expect(encoded(Image(pixels: floats, width: 2, height: 1)) == one)
        #expect(encoded(Image(pixels: bytes.map { Double($0) * 2 - 255 }, width: 2, height: 1, range: -255...255)) == one)
        let wild = try #require(encoded(Image(pixels: [Float.nan, -1, 2, .infinity], width: 2, height: 2)))
        #expect(PNGReader(wild)?.pixels(channels: 1) == [0, 0, 255, 255])
    }

    private func encoded(_ image: Image) -> [UInt8]? { if case .encoded(let bytes, _) = image.content { bytes } else { nil } }

    @Test("tables find their columns' types, fill up short rows and keep what JSON cannot write") func tables() throws {
        var table = Table(columns: ["id", "p", "name", "ok", "any", "empty"], rows: [[1, 0.5, "a", true, 1], [2, 3, nil, false, "x"]])
        table.append(3, Double.nan, "c", true, [1, 2], nil, "too much")

        #expect(table.columnTypes == [.integer, .number, .string, .boolean, .mixed, .mixed])
        let json = try JSONDecoder().decode(JSONValue.self, from: Data(table.encoded))
        #expect(json["version"] == 1 && json["columns"] == [
            ["name": "id", "type": "integer"], ["name": "p", "type": "number"], ["name": "name", "type": "string"],
            ["name": "ok", "type": "boolean"], ["name": "any", "type": "mixed"], ["name": "empty", "type": "mixed"],
        ])
        #expect(json["rows"] == [[1, 0.5, "a", true, 1, nil], [2, 3, nil, false, "x", nil], [3, "NaN", "c", true, [1, 2], nil]])
    }

    @Test("are referred to at their step and delivered, equal ones once") func delivery() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        try Data("weights".utf8).write(to: URL(fileURLWithPath: folder.path + "/model.bin"))

        run.log(["loss": 1.0], step: 7)
        run.log(image: Image(pixels: [0, 255] as [UInt8], width: 2, height: 1), name: "digit", caption: "a 7")
        run.log(images: [Image(pixels: [0, 255] as [UInt8], width: 2, height: 1)], name: "digits", step: 9)
        run.log(text: "hello", name: "said", step: 3)
        run.log(table: Table(columns: ["a"], rows: [[1]]), name: "cells")
        run.log(file: folder.path + "/model.bin", name: "model")
        run.log(image: Image(png: Array("no picture".utf8)), name: "broken")
        let report = await run.finish()

        let media = try #require(fake.run(run.id.text)?.extras.media), blobs = fake.blobs.withLock { $0 }
        #expect(media.map(\.name) == ["digit", "digits", "said", "cells", "model"] && media.map(\.step) == [7, 9, 3, 7, 7])
        #expect(media.map(\.kind) == ["image", "image", "text", "table", "file"] && media[0].caption == "a 7" && media[0].digest == media[1].digest)
        #expect(blobs.count == 4 && media.allSatisfy { SHA256.digest(of: blobs[$0.digest] ?? []) == $0.digest && $0.size == blobs[$0.digest]?.count ?? -1 })
        #expect(media[0].contentType == "image/png" && media[4].contentType == "application/octet-stream")
        #expect(report.isComplete && report.waitingFiles == 0 && folder.files("spool").isEmpty)
    }

    @Test("wait in the spool while offline, and a later sync delivers them with their rows") func offline() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url, mode: .offline))
        run.log(text: "kept", name: "said", step: 1)
        let report = await run.finish()
        #expect(report.waitingFiles == 1 && fake.blobs.withLock { $0.isEmpty })

        let synced = try await Spool.sync(settings: folder.settings(url: server.url))

        #expect(synced.delivered == 1 && synced.failed == 0)
        #expect(fake.blobs.withLock { $0.values.map { String(decoding: $0, as: UTF8.self) } } == ["kept"] && fake.run(run.id.text)?.extras.media?.count == 1)
        #expect(folder.files("spool").isEmpty)
    }

    @Test("a server that takes rows but no files leaves the files to a later sync") func refusedFiles() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { request in
            request.path.contains("/blobs/") ? .answer(503, "{}", headers: ["Retry-After": "1"]) : fake.handle(request)
        }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        run.log(["loss": 1.0])
        run.log(text: "later", name: "said")
        let report = await run.finish(deadline: .seconds(5))
        #expect(report.storedRows == 1 && report.waitingFiles == 1 && !report.isComplete)
        server.stop()

        let other = try ScriptedServer(port: server.port) { fake.handle($0) }
        let synced = try await Spool.sync(settings: folder.settings(url: other.url))

        #expect(synced.delivered == 1 && fake.blobs.withLock { $0.count } == 1 && folder.files("spool").isEmpty)
    }

    @Test("an answer decides what becomes of a file", arguments: [
        (HTTPAnswer.answered(status: 201, body: [], retryAfter: nil), MediaVerdict.stored), (.failed(.unreachable("x")), .again(after: nil)),
        (.answered(status: 429, body: [], retryAfter: .seconds(3)), .again(after: .seconds(3))), (.answered(status: 500, body: [], retryAfter: nil), .again(after: nil)),
        (.answered(status: 401, body: [], retryAfter: nil), .parked(notice: "Media wait: The server answered 401. Set TRACK_API_KEY, or run `track login`.")),
        (.answered(status: 507, body: [], retryAfter: nil), .parked(notice: "Media wait: The server answered 507.")),
        (.answered(status: 422, body: [], retryAfter: nil), .refused(notice: "A file was refused and is left in the spool: The server answered 422.")),
    ]) func verdicts(answer: HTTPAnswer, verdict: MediaVerdict) {
        #expect(MediaVerdict(answer) == verdict)
    }

    @Test("that would go over the spool's limit are not kept, and counted") func limit() async throws {
        let folder = TemporaryFolder()
        var settings = folder.settings(url: "http://127.0.0.1:9", mode: .offline)
        settings.spoolLimit = 1 << 20
        let run = try await Run.start(project: "p", settings: settings)

        for index in 0..<4 { run.log(text: String(repeating: "\(index)", count: 400_000), name: "long") }
        let report = await run.finish()

        #expect(report.waitingFiles == 2 && report.droppedRecords == 2)
    }
}

/// Enough of a reader to prove the writer: chunks with their checks, zlib, filters.
struct PNGReader {
    var width = 0, height = 0, colorType: UInt8 = 0
    private var lines: [UInt8] = []

    init?(_ file: [UInt8]) {
        guard file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
        func number(_ offset: Int) -> Int { file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        var offset = 8, data: [UInt8] = []
        while offset < file.count {
            let length = number(offset), body = Array(file[offset + 4..<offset + 8 + length])
            guard Int(crc32(0, body, uInt(body.count))) == number(offset + 8 + length) else { return nil }
            switch String(decoding: body.prefix(4), as: UTF8.self) {
            case "IHDR": (width, height, colorType) = (number(offset + 8), number(offset + 12), file[offset + 17])
            case "IDAT": data += body.dropFirst(4)
            default: break
            }
            offset += 12 + length
        }
        var count = uLong(height * (width * 4 + 1))
        lines = [UInt8](repeating: 0, count: Int(count))
        guard uncompress(&lines, &count, data, uLong(data.count)) == Z_OK else { return nil }
        lines.removeLast(lines.count - Int(count))
    }

    func pixels(channels: Int) -> [UInt8] {
        var result: [UInt8] = []
        let bytes = width * channels
        for row in 0..<height {
            let filter = lines[row * (bytes + 1)]
            for index in 0..<bytes {
                let left = index >= channels ? Int(result[row * bytes + index - channels]) : 0, above = row > 0 ? Int(result[(row - 1) * bytes + index]) : 0
                let guess = filter == 0 ? 0 : filter == 1 ? left : filter == 2 ? above : (left + above) / 2
                result.append(lines[row * (bytes + 1) + 1 + index] &+ UInt8(guess))
            }
        }
        return result
    }
}
