import Foundation
import Testing
import TrackModel
import TrackStore
import TrackTesting
@testable import TrackServer

@Suite("Media over HTTP") struct MediaTests {
    /// SHA-256 of "hello".
    private let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]

    @Test("a file that is sent is answered with its digest, and read back whole, in part, and not at all when it is known") func files() async throws {
        try await TestServer.run { server async throws in
            let client = server.client
            let first = try await client.send("POST", "/api/v1/blobs", body: Array("hello".utf8))
            let again = try await client.send("PUT", "/api/v1/blobs/\(hello)", body: Array("hello".utf8))
            #expect(first.status == 201 && again.status == 200)
            #expect(try first.decode(BlobRecord.self) == BlobRecord(digest: hello, size: 5) && first.text == again.text)

            let whole = try await client.get("/api/v1/blobs/\(hello)")
            #expect(whole.status == 200 && whole.text == "hello" && whole.headers["etag"] == "\"\(hello)\"")
            #expect(whole.headers["cache-control"] == "private, max-age=31536000, immutable" && whole.headers["content-length"] == "5")
            let part = try await client.get("/api/v1/blobs/\(hello)", headers: ["Range": "bytes=1-3"])
            #expect(part.status == 206 && part.text == "ell" && part.headers["content-range"] == "bytes 1-3/5")
            #expect(try await client.get("/api/v1/blobs/\(hello)", headers: ["Range": "bytes=9-"]).status == 416)
            #expect(try await client.get("/api/v1/blobs/\(hello)", headers: ["If-None-Match": "\"\(hello)\""]).status == 304)
            #expect(try await client.send("HEAD", "/api/v1/blobs/\(hello)").headers["content-length"] == "5")
        }
    }

    @Test("refusals say what is wrong", arguments: [
        ("PUT", "/api/v1/blobs/" + String(repeating: "0", count: 64), 422, "digest_mismatch"), ("PUT", "/api/v1/blobs/abc", 400, "invalid_parameter"),
        ("GET", "/api/v1/blobs/" + String(repeating: "0", count: 64), 404, "unknown_blob"), ("GET", "/api/v1/blobs/..%2Fetc", 400, "invalid_parameter"),
        ("GET", "/api/v1/runs/aaaaaaaa/media", 404, "unknown_run"),
    ]) func refusals(method: String, path: String, status: Int, code: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.client.send(method, path, body: method == "PUT" ? Array("hello".utf8) : [])

            #expect(answer.status == status && answer.text.contains("\"\(code)\""), "\(answer.text)")
        }
    }

    @Test("the quota is answered with 507, and a file of several megabytes passes whole") func sizes() async throws {
        var options = StoreOptions()
        options.blobQuota = 6 << 20
        try await TestServer.run(store: options) { server async throws in
            let large = (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let stored = try await server.client.send("POST", "/api/v1/blobs", body: large)
            let digest = try stored.decode(BlobRecord.self).digest

            #expect(stored.status == 201)
            #expect(try await server.client.get("/api/v1/blobs/\(digest)").body == large)
            let refused = try await server.client.send("POST", "/api/v1/blobs", body: [1] + large)
            #expect(refused.status == 507 && refused.text.contains("quota_exceeded"), "\(refused.text)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder + "/blobs/incoming").isEmpty)
        }
    }

    @Test("what a run logged is listed with its steps, pending until its file has come") func list() async throws {
        try await TestServer.run { server async throws in
            let run = try await server.makeRun()
            let stored = try await server.client.post("/api/v1/runs/\(run)/batches", """
                {"media":[{"name":"digits","step":3,"time":1,"kind":"image","digest":"\(hello)","size":5,"contentType":"image/png","caption":"a 7"},
                          {"name":"notes","step":1,"time":1,"kind":"text","digest":"\(hello)","size":5,"contentType":"text/plain"}]}
                """)
            #expect(stored.status == 200, "\(stored.text)")
            let before: MediaPage = try await server.client.value("GET", "/api/v1/runs/\(run)/media")
            _ = try await server.client.send("POST", "/api/v1/blobs", body: Array("hello".utf8))
            let images: MediaPage = try await server.client.value("GET", "/api/v1/runs/\(run)/media?kind=image&name=digits&from=2&to=9&limit=10")
            let names = try await server.client.get("/api/v1/runs/\(run)/media/names").json()

            #expect(before.media.map(\.name) == ["notes", "digits"] && before.media.allSatisfy(\.pending))
            #expect(images.total == 1 && images.media[0].caption == "a 7" && !images.media[0].pending)
            #expect(names["names"]?[0]?["name"] == "digits" && names["names"]?[0]?["lastStep"] == 3)
        }
    }

    @Test("only what is harmless is shown in the page; the rest is a download, whatever it calls itself", arguments: [
        ("image/svg+xml", "<svg/>", "application/octet-stream", false), ("text/html", "<script>", "application/octet-stream", false),
        ("text/plain", "<script>", "text/plain; charset=utf-8", true), ("application/json", "{}", "application/json", true),
        ("image/png", "no image", "application/octet-stream", false), (nil, "words", "application/octet-stream", false),
    ]) func types(declared: String?, content: String, type: String, isShown: Bool) {
        let safe = SafeContentType(declared: declared, start: Array(content.utf8))

        #expect(safe.value == type && safe.isShown == isShown)
    }

    @Test("images are known by their bytes and carry a policy that lets nothing run") func headers() async throws {
        try await TestServer.run { server async throws in
            let stored = try await server.client.send("POST", "/api/v1/blobs", body: png).decode(BlobRecord.self)
            let answer = try await server.client.get("/api/v1/blobs/\(stored.digest)")

            #expect(answer.headers["content-type"] == "image/png" && answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["content-security-policy"] == "default-src 'none'; sandbox")
            #expect(answer.headers["content-disposition"] == "inline; filename=\"\(stored.digest.prefix(12)).png\"")
            #expect(SafeContentType(declared: nil, start: [0xFF, 0xD8, 0xFF, 0xE0]).value == "image/jpeg")
        }
    }

    @Test("where a run came from is shown with the run") func environment() async throws {
        try await TestServer.run { server async throws in
            let created = try await server.client.post("/api/v1/runs", #"{"project":"p","environment":{"host":"h","git":{"commit":"c","dirty":true}}}"#)
            let run = try #require(try created.json()["run"]?["id"]?.stringValue)

            #expect(try await server.client.get("/api/v1/runs/\(run)").json()["environment"]?["git"]?["dirty"] == true)
            #expect(try await server.client.post("/api/v1/runs", #"{"project":"p","environment":3}"#).status == 400)
        }
    }
}
