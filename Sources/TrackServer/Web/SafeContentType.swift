import Foundation

/// The media type under which a stored file may be shown on the dashboard's own origin. What a client declares is believed for harmless text
/// only; images are known by their first bytes; everything else, HTML and SVG among it, is a download.
struct SafeContentType: Equatable {
    var value: String
    /// Shown in the page; else downloaded.
    var isShown: Bool
    var fileExtension: String

    init(declared: String?, start: [UInt8]) {
        if let (type, ending) = Self.image(start) { (value, isShown, fileExtension) = (type, true, ending); return }
        let declared = declared?.split(separator: ";").first.map { $0.lowercased().filter { $0 != " " } }
        switch declared {
        case "text/plain", "text/markdown", "text/csv": (value, isShown, fileExtension) = ("text/plain; charset=utf-8", true, ".txt")
        case "application/json": (value, isShown, fileExtension) = ("application/json", true, ".json")
        case "audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "video/mp4", "video/webm":
            (value, isShown, fileExtension) = (declared!, true, "." + declared!.split(separator: "/")[1])
        default: (value, isShown, fileExtension) = ("application/octet-stream", false, ".bin")
        }
    }

    private static func image(_ start: [UInt8]) -> (type: String, fileExtension: String)? {
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return ("image/png", ".png") }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return ("image/jpeg", ".jpg") }
        if start.starts(with: Array("GIF87a".utf8)) || start.starts(with: Array("GIF89a".utf8)) { return ("image/gif", ".gif") }
        if start.count >= 12, start.starts(with: Array("RIFF".utf8)), start[8..<12].elementsEqual("WEBP".utf8) { return ("image/webp", ".webp") }
        return nil
    }

    /// The bytes that tell what a file is.
    static func start(of path: String) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        return [UInt8]((try? file.read(upToCount: 12)) ?? Data())
    }
}
