import ArgumentParser
import Foundation
import Testing
@testable import TrackCLI

/// What `--help` says is part of the product: each text is kept in `Help/`. `TRACK_UPDATE_SNAPSHOTS=1 swift test` writes them anew.
@Suite("track --help") struct HelpTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Help")
    static let updates = ProcessInfo.processInfo.environment["TRACK_UPDATE_SNAPSHOTS"] == "1"

    /// All commands with their words: `["track", "key", "create"]`.
    static func commands(_ command: any ParsableCommand.Type = TrackCommand.self, _ words: [String] = []) -> [(words: [String], type: any ParsableCommand.Type)] {
        let words = words + [command.configuration.commandName ?? "\(command)".lowercased()]
        return [(words, command)] + command.configuration.subcommands.flatMap { commands($0, words) }
    }

    @Test("of every command is the text that is kept, at 80 columns") func snapshots() throws {
        for (words, type) in Self.commands() {
            let help = TrackCommand.helpMessage(for: type, columns: 80) + "\n"
            let file = Self.folder.appendingPathComponent(words.joined(separator: "-") + ".txt")
            if Self.updates { try help.write(to: file, atomically: true, encoding: .utf8) }
            let kept = try? String(contentsOf: file, encoding: .utf8)
            #expect(kept == help, "\(words.joined(separator: " ")): run TRACK_UPDATE_SNAPSHOTS=1 swift test --filter TrackCLITests, and look at the difference")
        }
    }

    @Test("has a text for every command, and keeps none of commands that are gone") func complete() throws {
        let kept = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".txt") }

        #expect(Set(kept) == Set(Self.commands().map { $0.words.joined(separator: "-") + ".txt" }))
    }
}
