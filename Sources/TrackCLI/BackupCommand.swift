import ArgumentParser
import Foundation
import TrackStore

/// `track backup`
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database into one file, while a server runs or not.",
        discussion: "The copy is one consistent moment. `track restore` puts it back."
    )

    @OptionGroup var data: DataFolder
    @Argument(help: "The file to write; it must not be there yet.") var file: String

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: file) else { throw CommandError.refused("The file \(file) is there already. Name another, or remove it.") }
        do {
            try await Stores.using(try Stores.open(data.absolute, mustExist: true)) { try await $0.backup(to: file) }
        } catch StoreError.locked {
            try Stores.download(from: data.absolute, to: file)
        }
        Output.line("The backup is in \(file).")
    }
}

/// `track restore`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Puts a backup in the place of a data folder's database.",
        discussion: "The server must be stopped. What was there is kept beside it."
    )

    @OptionGroup var data: DataFolder
    @Argument(help: "A file that `track backup` wrote.") var file: String

    func run() throws {
        try DataFolder.make(data.absolute)
        let old = try SQLiteStore.restore(file, into: data.absolute)
        Output.line("The backup is in place." + (old.map { " What was there is kept in \($0)." } ?? ""))
    }
}
