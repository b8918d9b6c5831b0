import Foundation
import HTTPSockets

/// Serves the dashboard: files of one folder, and `index.html` for every address that the dashboard itself makes a page of.
struct StaticFiles: Sendable {
    /// The folder that holds `index.html`.
    let root: String
    let pathPrefix: String
    /// Sends text as gzip to those who take it: the scripts of the first page are then a third.
    private let files: HTTPSockets.StaticFiles?
    private let bundle: WebBundle

    init(root: String, pathPrefix: String) {
        (self.root, self.pathPrefix) = (root, pathPrefix)
        files = try? HTTPSockets.StaticFiles(root: root, index: nil) { Self.caching(of: $0.split(separator: "/")) }
        bundle = WebBundle(root: root)
    }

    /// - Parameter session: Asked for pages only; files are the same for everybody.
    func respond(to request: Request, session: () async -> PageSession = { .unknown }) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            throw APIError(.methodNotAllowed, "Method \(request.method) is not allowed at \(request.path.prefix(200)). Use GET.")
        }
        guard let path = PercentEncoding.decode(request.path.utf8), let parts = Self.safeParts(of: path) else { throw Self.unknown(request.path) }
        var response = if let file = try file(parts, request) { file } else { try page(request, await session()) }
        SecurityHeaders.add(to: &response)
        return response
    }

    /// `nil` where the address is one of a page.
    private func file(_ parts: [Substring], _ request: Request) throws -> Response? {
        if parts.isEmpty || parts == ["index.html"] { return nil }
        let file = root + "/" + parts.joined(separator: "/")
        if Self.isFile(file) {
            // A link that leads out of the folder is the operator's own; it goes as it is.
            return (try? files?.respond(to: request, path: parts.joined(separator: "/"))) ?? .file(file, headers: ["Cache-Control": Self.caching(of: parts)])
        }
        if parts.count == 1, let bundled = bundle.respond(to: request, name: String(parts[0])) { return bundled }
        // Names of projects may hold dots; elsewhere a dot means a file, and a missing one is an error, not a page.
        let isPage = parts[0] == "p" || parts[0] == "settings" || !parts.last!.contains(".")
        guard isPage, parts[0] != "api" else { throw Self.unknown(request.path) }
        return nil
    }

    /// `index.html`, its root-relative links put under this server's prefix: the same file serves `/p/a` and `/p/a/r/b`.
    private func page(_ request: Request, _ session: PageSession) throws -> Response {
        guard let data = bundle.page ?? FileManager.default.contents(atPath: root + "/index.html") else {
            throw APIError(.unknownRoute, "The dashboard's index.html is missing. Give its folder with --web, or run scripts/vendor.")
        }
        var html = String(decoding: data, as: UTF8.self)
        if !pathPrefix.isEmpty {
            for attribute in ["href", "src"] { html = html.replacing("\(attribute)=\"/", with: "\(attribute)=\"\(pathPrefix)/") }
        }
        html = html.replacing("<html ", with: "<html \(session.attributes)", maxReplacements: 1)
        var response = Response.entity(Array(html.utf8), type: "text/html; charset=utf-8", for: request)
        response.headers["Cache-Control"] = if case .signedIn = session { "private, no-cache" } else { "no-cache" }       // a token is one reader's
        return response
    }

    /// The path's segments; `nil` if one would leave the folder or name a hidden file.
    static func safeParts(of path: String) -> [Substring]? {
        let parts = path.split(separator: "/")
        return parts.contains { $0.hasPrefix(".") || $0.contains("\\") || $0.contains("\0") } ? nil : parts
    }

    /// Files whose names hold a digest never change; everything else is asked for again.
    static func caching(of parts: [Substring]) -> String {
        let isHashed = parts.last!.split { $0 == "." || $0 == "-" }.dropFirst().contains { part in
            part.utf8.count >= 8 && part.allSatisfy(\.isHexDigit) && part.contains(where: \.isNumber)
        }
        return isHashed ? "public, max-age=31536000, immutable" : "no-cache"
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    static func unknown(_ path: String) -> APIError {
        APIError(.unknownRoute, "There is nothing at \(path.prefix(200)). /api/v1/openapi.json lists what there is.")
    }
}
