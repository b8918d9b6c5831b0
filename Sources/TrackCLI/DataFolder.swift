import ArgumentParser
import Foundation

/// `--data`, the same in every command that touches stored data.
struct DataFolder: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp("The folder that holds everything stored.", valueName: "dir"))
    var path = "~/.track"

    /// Absolute, with `~` resolved.
    var absolute: String { URL(fileURLWithPath: NSString(string: path).expandingTildeInPath).standardizedFileURL.path }

    /// Makes the folder for its owner alone, if it is not there: it will hold hashed keys and the secret of sessions.
    static func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}
