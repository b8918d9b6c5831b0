import Foundation
import Testing
@testable import HTTPSockets

@Suite("Files") struct FileTests {
    /// A folder with files, and a secret beside it.
    private func withFolder(_ body: @escaping @Sendable (Int, String) throws -> Void) async throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("track-files-\(UInt64.random(in: 0...UInt64.max))").path
        let root = base + "/root"
        try FileManager.default.createDirectory(atPath: root + "/sub", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: base + "/root-beside", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        try "0123456789".write(toFile: root + "/ten.txt", atomically: true, encoding: .utf8)
        try "<html>".write(toFile: root + "/index.html", atomically: true, encoding: .utf8)
        try String(repeating: "let x = 1;\n", count: 1000).write(toFile: root + "/app.js", atomically: true, encoding: .utf8)
        try "ü".write(toFile: root + "/sub/ü b.txt", atomically: true, encoding: .utf8)
        for secret in [base + "/secret", root + "/.hidden", base + "/root-beside/secret"] {
            try "secret".write(toFile: secret, atomically: true, encoding: .utf8)
        }
        try FileManager.default.createSymbolicLink(atPath: root + "/escape", withDestinationPath: base + "/secret")
        try FileManager.default.createSymbolicLink(atPath: root + "/beside", withDestinationPath: base + "/root-beside")
        try FileManager.default.createSymbolicLink(atPath: root + "/inside.txt", withDestinationPath: "ten.txt")
        mkfifo(root + "/pipe", 0o600)
        var routes = echoRoutes()
        routes.get("/files/{path...}", try StaticFiles(root: root).handler())
        try await withServer(routes: routes) { port in try body(port, root) }
    }

    @Test("nothing outside the folder is served, however it is asked for") func escapes() async throws {
        try await withFolder { port, _ in
            let client = try RawClient(port: port)
            for path in ["../secret", "%2e%2e/secret", "..%2fsecret", "sub/../../secret", "%2e%2e%2fsecret", "..\\secret", "sub/..%5c..%5csecret",
                         "escape", "beside/secret", ".hidden", "%2ehidden", "//etc/passwd", "%2fetc%2fpasswd", "sub", "sub/", "pipe", "./ten.txt",
                         "ten.txt/", "nothing", "sub//ten.txt", "sub%2f%C3%BC%20b.txt", "sub%2F..%2Ften.txt", "%252e%252e%252fsecret", "..;/secret",
                         "sub/%2e%2e/ten.txt", "....//secret", "%c0%ae%c0%ae/secret"] {
                client.send("GET /files/\(path) HTTP/1.1\r\nHost: h\r\n\r\n")
                let response = client.response()
                #expect(response?.status == (path.contains("%c0") ? 400 : 404), "\(path): \(response?.head ?? "")")
                #expect(response?.text.contains("secret\n") != true && response?.text != "secret")
            }
            client.send("GET /files/a%00b HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.response()?.status == 400)
        }
    }

    @Test("files come with type, tag, date and ranges") func serves() async throws {
        try await withFolder { port, _ in
            let client = try RawClient(port: port)
            func get(_ path: String, _ headers: String = "") -> RawResponse? {
                client.send("GET /files/\(path) HTTP/1.1\r\nHost: h\r\n\(headers)\r\n")
                return client.response()
            }
            let ten = try #require(get("ten.txt"))
            let tag = try #require(ten["etag"]), date = try #require(ten["last-modified"])
            #expect(ten.text == "0123456789" && ten["content-type"] == "text/plain; charset=utf-8" && ten["accept-ranges"] == "bytes")
            #expect(get("")?.text == "<html>" && get("inside.txt")?.text == "0123456789" && get("sub/%C3%BC%20b.txt")?.text == "ü")

            #expect(get("ten.txt", "If-None-Match: \(tag)\r\n")?.status == 304)
            #expect(get("ten.txt", "If-Modified-Since: \(date)\r\n")?.status == 304)
            #expect(get("ten.txt", "If-None-Match: \"other\"\r\nIf-Modified-Since: \(date)\r\n")?.status == 200)
            #expect(get("ten.txt", "If-Match: \"other\"\r\n")?.status == 412)
            let part = get("ten.txt", "Range: bytes=2-4\r\n")
            #expect(part?.status == 206 && part?.text == "234" && part?["content-range"] == "bytes 2-4/10")
            #expect(get("ten.txt", "Range: bytes=-2\r\nIf-Range: \(tag)\r\n")?.text == "89")
            #expect(get("ten.txt", "Range: bytes=-2\r\nIf-Range: \"old\"\r\n")?.text == "0123456789")
            let outside = get("ten.txt", "Range: bytes=10-\r\n")
            #expect(outside?.status == 416 && outside?["content-range"] == "bytes */10")
            client.send("HEAD /files/ten.txt HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.response(toHead: true)?["content-length"] == "10")
            client.send("HEAD /files/ten.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n")
            let head = client.response(toHead: true)
            #expect(head?.status == 200 && head?["content-length"] == "10", "ranges are for GET")
            let several = get("ten.txt", "Range: bytes=0-1,3-4\r\n")
            #expect(several?.status == 200 && several?.text == "0123456789")
            #expect(get("ten.txt", "If-None-Match: \"x\", W/\(tag)\r\n")?.status == 304)
            #expect(get("ten.txt", "If-None-Match: *\r\n")?.status == 304)
            #expect(get("ten.txt", "If-Match: \(tag)\r\n")?.status == 200)
            #expect(get("ten.txt", "If-Match: W/\(tag)\r\n")?.status == 412)
            #expect(get("ten.txt", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")?.status == 412)
            #expect(get("ten.txt", "If-Modified-Since: nonsense\r\n")?.status == 200)
            #expect(get("ten.txt", "Range: bytes=0-1\r\nIf-Range: W/\(tag)\r\n")?.status == 200)
            #expect(get("ten.txt", "Range: bytes=0-1\r\nIf-Range: \(date)\r\n")?.status == 206)
            #expect(get("ten.txt", "Range: bytes=0-1\r\nIf-None-Match: \(tag)\r\n")?.status == 304)
            for (headers, status) in [
                ("Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200), ("Range: bytes=0-1\r\nIf-Range: nonsense\r\n", 200),
                ("Range: bytes=0-1\r\nIf-Match: \"other\"\r\n", 412), ("Range: bytes=20-\r\nIf-Range: \"old\"\r\n", 200), ("Range: items=0-1\r\n", 200),
                ("Range: bytes\r\n", 200), ("Range: \r\n", 200), ("Range: bytes=5-2\r\n", 200), ("Range: bytes=-0\r\n", 416),
                ("If-Match: *\r\n", 200), ("If-Match: \"a\", \(tag)\r\n", 200), ("If-Match: \r\n", 412), ("If-None-Match: \r\n", 200),
                ("If-None-Match: \(tag.dropLast())\r\n", 200), ("If-None-Match: \(tag)\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304),
                ("If-Match: \(tag)\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200),
                ("If-Unmodified-Since: \(date)\r\n", 200), ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200),
                ("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT\r\n", 304), ("If-None-Match: \(tag)\r\nIf-Match: \"other\"\r\n", 412),
            ] { #expect(get("ten.txt", headers)?.status == status, "\(headers)") }
        }
    }

    @Test("text is sent as gzip, with a weak tag, and a changed file has a new tag") func gzip() async throws {
        try await withFolder { port, root in
            let client = try RawClient(port: port)
            func get(_ headers: String) -> RawResponse? {
                client.send("GET /files/app.js HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\(headers)\r\n")
                return client.response()
            }
            let first = try #require(get("")), tag = try #require(first["etag"])
            #expect(first["content-encoding"] == "gzip" && first.body.count < 500 && tag.hasPrefix("W/") && first["vary"] == "Accept-Encoding")
            #expect(get("If-None-Match: \(tag)\r\n")?.status == 304)
            #expect(get("If-Modified-Since: \(first["last-modified"] ?? "")\r\n")?.status == 304)
            #expect(get("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")?.status == 200)
            let part = get("Range: bytes=0-2\r\n")
            #expect(part?.status == 206 && part?.text == "let" && part?["content-encoding"] == nil, "ranges are of the plain bytes")
            try String(repeating: "let y = 2;\n", count: 1001).write(toFile: root + "/app.js", atomically: true, encoding: .utf8)
            #expect(get("If-None-Match: \(tag)\r\n")?.status == 200)
        }
    }

    @Test("a large file is sent whole while others are served") func large() async throws {
        try await withFolder { port, root in
            let size = 50_000_000
            try Data(repeating: 7, count: size).write(to: URL(fileURLWithPath: root + "/large.bin"))
            let slow = try RawClient(port: port)
            slow.send("GET /files/large.bin HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let other = try RawClient(port: port)
            other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(other.response()?.text == "hello")

            #expect(slow.response()?.body.count == size)
            #expect(slow.response()?.text == "hello")
        }
    }
}
