import ArgumentParser
import TrackServer

/// `track version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    func run() { print("track \(Version.current)") }
}
