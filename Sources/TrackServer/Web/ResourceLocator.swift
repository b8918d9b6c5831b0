import Foundation

/// Finds the folders that travel with the program: `web` and `migrations`.
///
/// Installed, they lie in `share/track` beside the executable's folder; in the package while developing, at its root.
public struct ResourceLocator {
    /// Absolute path of the running program.
    let executable: String

    /// - Parameter executable: For tests; `nil` takes the running program.
    public init(executable: String? = nil) {
        self.executable = executable ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
    }

    /// The folder `name`; `nil` if it is neither installed nor in a package around the program.
    public func folder(_ name: String) -> String? {
        let home = URL(fileURLWithPath: executable).deletingLastPathComponent()
        let installed = home.deletingLastPathComponent().appendingPathComponent("share/track/" + name).path
        if Self.isFolder(installed) { return installed }
        var place = home
        while place.path != "/" {
            if FileManager.default.fileExists(atPath: place.appendingPathComponent("Package.swift").path) {
                let candidate = place.appendingPathComponent(name).path
                if Self.isFolder(candidate) { return candidate }
            }
            place.deleteLastPathComponent()
        }
        return nil
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
