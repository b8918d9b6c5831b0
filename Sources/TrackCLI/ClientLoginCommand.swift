import ArgumentParser
import Foundation
import Track

/// `track login`
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Remembers a server and its key for this user.",
        discussion: "Asks the server first, then writes config.toml in ~/.track (or TRACK_DIR), readable by this user alone. "
            + "Without --key the key is read from standard input."
    )

    @Argument(help: "The server's address.") var url: String?
    @Option(help: ArgumentHelp("The key; it is safer to type it when asked.", valueName: "key")) var key: String?
    @Flag(help: "Writes the file without asking the server.") var force = false

    func run() async throws {
        var settings = try Settings.load()
        if let url { settings.url = url }
        if let key { settings.apiKey = key } else if let typed = askForKey() { settings.apiKey = typed }
        if !force { _ = try await TrackService(settings).check() }
        let path = try settings.save()
        Output.line("\(settings.url) is remembered in \(path).")
    }

    private func askForKey() -> String? {
        FileHandle.standardError.write(Data("Key (empty for a server without keys): ".utf8))
        guard let line = readLine()?.trimmingCharacters(in: .whitespaces), !line.isEmpty else { return nil }
        return line
    }
}

/// `track runs`
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "runs", abstract: "Lists projects, or the runs of one.")

    @Argument(help: "The project; without it, projects are listed.") var project: String?
    @Option(help: "Only runs that this expression holds for: 'summary.loss.min < 0.3'.") var filter: String?
    @Option(help: "How many.") var limit = 20

    func run() async throws {
        let service = TrackService(try Settings.load())
        guard let project else {
            for project in try await service.projects() { Output.line("\(project.name)  \(project.runs) runs, \(project.running) running") }
            return
        }
        for run in try await service.runs(project: project, filter: filter, limit: limit) {
            Output.line("\(run.id)  \(run.name)  \(run.state.rawValue)  \(run.rows) rows" + (run.lastStep.map { ", last step \($0)" } ?? ""))
        }
    }
}

/// `track log`
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Logs what another program prints: some-program | track log --jsonl",
        discussion: "Each line is one JSON object: numbers are metrics, nested names become paths, \"step\" is the step; NaN and Infinity are read as Python "
            + "writes them. Lines that are no JSON object, or hold no number, go into the run's log, and are passed on. Without --jsonl one row is logged: "
            + "track log loss=0.5 step=3."
    )

    @Option(help: "The project.") var project = "default"
    @Option(help: "The run's name.") var name: String?
    @Option(help: "An existing or new run id.") var id: String?
    @Flag(help: "Reads lines of JSON from standard input.") var jsonl = false
    @Argument(help: "Metrics of one row: loss=0.5 step=3") var values: [String] = []

    func validate() throws {
        if jsonl != values.isEmpty { throw ValidationError("Either --jsonl or metrics of one row are needed: loss=0.5 step=3.") }
        _ = try pairs()
    }

    func run() async throws {
        var row = Dictionary(try pairs()) { _, last in last }
        let run = try await Run.start(project: project, name: name, id: id, resume: id == nil ? .never : .allow)
        if jsonl {
            while let line = readLine() {
                if !run.log(jsonLine: line) { Output.line(line) }
            }
        } else {
            let step = row.removeValue(forKey: "step").flatMap { Int(exactly: $0) }
            run.log(row, step: step)
        }
        let report = await run.finish()
        Output.line("\(run.id): \(report)")
    }

    private func pairs() throws -> [(String, Double)] {
        try values.map { word in
            guard let place = word.lastIndex(of: "="), place > word.startIndex, let value = Double(word[word.index(after: place)...]) else {
                throw ValidationError("\"\(word)\" is not NAME=NUMBER.")
            }
            return (String(word[..<place]), value)
        }
    }
}
