import Foundation
import HTTPSockets

/// What `scripts/bundle` makes of the dashboard's modules: few small files in `built`, each named by its digest.
///
/// Without it the modules are served as they are written: the same page, in more and larger files.
struct WebBundle: Sendable {
    private let root: String
    private let files: HTTPSockets.StaticFiles?

    /// - Parameter root: The folder that holds `index.html`, and `built` if there is a bundle.
    init(root: String) {
        self.root = root
        files = try? HTTPSockets.StaticFiles(root: root + "/built", index: nil) { _ in "public, max-age=31536000, immutable" }
    }

    /// The bundle's `index.html`; `nil` if there is no bundle, or if a module was written after it.
    var page: Data? {
        let index = root + "/built/index.html"
        guard let made = Self.written(index), !hasSource(after: made) else { return nil }
        return FileManager.default.contents(atPath: index)
    }

    /// Answers with the bundled file `name`, also while a newer source hides the bundle: open pages go on loading its parts.
    func respond(to request: Request, name: String) -> Response? {
        name.contains("-") ? try? files?.respond(to: request, path: name) : nil
    }

    private func hasSource(after made: Date) -> Bool {
        let sources = FileManager.default.enumerator(atPath: root)
        while let path = sources?.nextObject() as? String {
            if path == "built" || path == "test" { sources?.skipDescendants(); continue }
            guard path.hasSuffix(".js") || path.hasSuffix(".css") || path.hasSuffix(".html") else { continue }
            if let written = Self.written(root + "/" + path), written > made { return true }
        }
        return false
    }

    private static func written(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}
