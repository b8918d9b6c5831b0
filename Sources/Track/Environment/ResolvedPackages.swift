import Foundation
import TrackModel

/// The versions that a package was built with, from its `Package.resolved`.
enum ResolvedPackages {
    /// Looks upwards from each place; the first file that can be read counts.
    static func find(near places: [String]) -> [JSONValue] {
        for place in places where !place.isEmpty {
            var folder = URL(fileURLWithPath: place)
            while folder.path != "/", !folder.path.isEmpty {
                if let data = FileManager.default.contents(atPath: folder.path + "/Package.resolved") { return parse([UInt8](data)) }
                folder.deleteLastPathComponent()
            }
        }
        return []
    }

    /// Name, version, and revision or branch where there is no version. Versions 1 to 3 of the file.
    static func parse(_ bytes: [UInt8]) -> [JSONValue] {
        guard let file = try? decode(JSONValue.self, bytes), case .array(let pins)? = file["pins"] ?? file["object"]?["pins"] else { return [] }
        return pins.prefix(1_000).compactMap { pin in
            guard let name = pin["identity"]?.stringValue ?? pin["package"]?.stringValue, let state = pin["state"] else { return nil }
            var package: [String: JSONValue] = ["name": .string(name)]
            for key in ["version", "branch"] { if let value = state[key]?.stringValue { package[key] = .string(value) } }
            if package.count == 1, let revision = state["revision"]?.stringValue { package["revision"] = .string(revision) }
            return .object(package)
        }
    }
}
