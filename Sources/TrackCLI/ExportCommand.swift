import ArgumentParser
import Foundation
import TrackModel
import TrackStore

/// `track export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes every point of a run or project, at full resolution.",
        discussion: "One line a point, in constant memory. A running server is not disturbed: a copy of this moment is read."
    )

    @OptionGroup var data: DataFolder
    @Argument(help: "A run's id, or a project's name.") var name: String
    @Option(help: "csv, jsonl or sqlite (tables run and point).") var format = ExportFormat.csv
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; standard output without it.", valueName: "file")) var output: String?

    func validate() throws {
        if format == .sqlite, output == nil { throw ValidationError("A database is written to a file: name it with --output.") }
    }

    func run() async throws {
        let (format, output) = (format, output)
        let count = try await Stores.reading(data.absolute) { store in
            let runs = try await runs(in: store)
            if format == .sqlite { return try await store.exportSQLite(runs, to: output ?? "") }
            let file = try output.map(Self.newFile) ?? FileHandle.standardOutput
            return try await store.export(runs, as: format) { try file.write(contentsOf: Data($0)) }
        }
        if let output { Output.line("\(count) points are in \(output).") }
    }

    /// A name that is an id of a run means the run; else it is a project.
    private func runs(in store: SQLiteStore) async throws -> [RunID] {
        if let id = RunID(name), (try? await store.run(id)) != nil { return [id] }
        return try await store.runIDs(of: name)
    }

    private static func newFile(_ path: String) throws -> FileHandle {
        guard !FileManager.default.fileExists(atPath: path) else { throw CommandError.refused("The file \(path) is there already. Name another, or remove it.") }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw CommandError.refused("The file \(path) cannot be written.")
        }
        return file
    }
}

extension ExportFormat: ExpressibleByArgument {}
