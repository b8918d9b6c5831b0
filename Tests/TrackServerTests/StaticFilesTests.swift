import Foundation
import HTTPSockets
import Testing
@testable import TrackServer

@Suite("Static files") struct StaticFilesTests {
    @Test("never leave their folder and never show hidden files", arguments: ["/../a", "/a/../../b", "/.git/config", "/a/.b", "/a\\b", "/a\0b"])
    func unsafe(path: String) {
        #expect(StaticFiles.safeParts(of: path) == nil)
    }

    @Test("cache for ever what has a digest in its name, and nothing else", arguments: [
        ("app.js", false), ("app-1a2b3c4d.js", true), ("app.0123456789abcdef.css", true), ("preact.js", false), ("facade.js", false), ("a-deadbeef.js", false),
    ]) func caching(name: String, forever: Bool) {
        #expect(StaticFiles.caching(of: [Substring(name)]).contains("immutable") == forever)
    }

    @Test("answer the page for its addresses, files for files, and 404 for missing files") func answers() async throws {
        let root = NSTemporaryDirectory() + "track-web-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: root + "/icons", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try Data(#"<script src="/app.js"></script><link href="/app.css">"#.utf8).write(to: URL(fileURLWithPath: root + "/index.html"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: root + "/icons/a.svg"))
        let files = StaticFiles(root: root, pathPrefix: "/track")

        for page in ["/", "/index.html", "/p/vit", "/p/my.project/r/abcdefgh", "/p/a.js", "/settings/keys", "/anything"] {
            let response = try await files.respond(to: Request(.get, page))
            guard case .bytes(let bytes) = response.body else { Issue.record("\(page) is not the page"); continue }
            #expect(String(decoding: bytes, as: UTF8.self) == #"<script src="/track/app.js"></script><link href="/track/app.css">"#)
            #expect(response.headers["Cache-Control"] == "no-cache")
            #expect(response.headers["Content-Security-Policy"]?.contains("default-src 'self'") == true)
        }
        guard case .file(let path, _) = try await files.respond(to: Request(.get, "/icons/a.svg")).body else { Issue.record("no file"); return }
        #expect(path == root + "/icons/a.svg")
        for missing in ["/missing.js", "/icons/b.svg", "/api/x", "/icons/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a%2F..%2F..%2Fb"] {
            let error = await #expect(throws: APIError.self) { try await files.respond(to: Request(.get, missing)) }
            #expect(error?.code == .unknownRoute)
        }
        let error = await #expect(throws: APIError.self) { try await files.respond(to: Request(.post, "/")) }
        #expect(error?.description == "405 method_not_allowed: Method POST is not allowed at /. Use GET.")
    }

    @Test("answer the bundle's page and its files for ever, until a module is newer") func bundle() async throws {
        let root = NSTemporaryDirectory() + "track-web-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: root + "/built", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (name, age) in [("index.html", 20.0), ("app.js", 20), ("built/index.html", 10), ("built/app-GXYOGYPJ.js", 10)] {
            try Data("<\(name)>".utf8).write(to: URL(fileURLWithPath: "\(root)/\(name)"))
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: "\(root)/\(name)")
        }
        let files = StaticFiles(root: root, pathPrefix: "")
        func page() async throws -> String {
            guard case .bytes(let bytes) = try await files.respond(to: Request(.get, "/p/vit")).body else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }

        #expect(try await page() == "<built/index.html>")
        #expect(try await files.respond(to: Request(.get, "/app-GXYOGYPJ.js")).headers["Cache-Control"] == "public, max-age=31536000, immutable")
        #expect(try await files.respond(to: Request(.get, "/app.js")).headers["Cache-Control"] == "no-cache")

        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: root + "/app.js")
        #expect(try await page() == "<index.html>")
        #expect(try await files.respond(to: Request(.get, "/app-GXYOGYPJ.js")).status == .ok)
    }

    @Test("tell the page who reads it, and ask for that only then") func session() async throws {
        let root = NSTemporaryDirectory() + "track-web-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try Data(#"<html lang="en">"#.utf8).write(to: URL(fileURLWithPath: root + "/index.html"))
        try Data("1".utf8).write(to: URL(fileURLWithPath: root + "/app.js"))
        let files = StaticFiles(root: root, pathPrefix: "")

        for (session, page, caching) in [
            (PageSession.unknown, #"<html lang="en">"#, "no-cache"), (.open, #"<html data-session="open" lang="en">"#, "no-cache"),
            (.signedIn(csrfToken: "a-_b"), #"<html data-session="open" data-csrf="a-_b" lang="en">"#, "private, no-cache"),
        ] {
            let response = try await files.respond(to: Request(.get, "/p/vit"), session: { session })
            guard case .bytes(let bytes) = response.body else { Issue.record("no page"); return }
            #expect(String(decoding: bytes, as: UTF8.self) == page)
            #expect(response.headers["Cache-Control"] == caching)
        }
        _ = try await files.respond(to: Request(.get, "/app.js")) { Issue.record("a file asks who reads it"); return .unknown }
    }
}
