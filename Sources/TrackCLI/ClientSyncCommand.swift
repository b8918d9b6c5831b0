import ArgumentParser
import Foundation
import Track

/// `track sync`
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Delivers rows that wait on this machine.",
        discussion: "Runs that were offline, whose server was away, or whose process was killed; also while they still write. "
            + "Nothing is stored twice, however often it is called. Exits with 1 if something could not be delivered."
    )

    @Argument(help: "The spool folder, the folder that holds it, or one run's folder in it; without it that of the settings.") var directory: String?
    @Option(name: .customLong("run"), help: ArgumentHelp("Only this run.", valueName: "run")) var only: String?
    @Option(help: "Seconds to wait for a server that does not answer.") var patience = 30.0
    @Option(help: "Deliver to this server, wherever the runs were started for.") var url: String?
    @Flag(help: "Stays until the programs that still write have ended.") var follow = false
    @Flag(help: "Prints nothing.") var quiet = false

    func validate() throws {
        if let only, RunID(only) == nil { throw ValidationError("--run is \"\(only)\"; 8 characters of a-z and 2-7 are needed.") }
        guard patience >= 0, patience <= 86_400 else { throw ValidationError("--patience is \(patience); 0 … 86400 seconds are allowed.") }
    }

    func run() async throws {
        let report = try await Spool.sync(
            directory: directory, run: only.flatMap { RunID($0) }, patience: .milliseconds(Int(patience * 1_000)),
            url: url, follows: follow)
        if !quiet {
            for message in report.messages { Output.line(message) }
            Output.line("\(report.rows) rows delivered; \(report.delivered) writers done, \(report.left) still writing, \(report.failed) not delivered.")
        }
        if report.failed > 0 { throw ExitCode(1) }
    }
}

/// `track status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows where rows go, and which wait on this machine."
    )

    func run() async throws {
        let settings = try Settings.load()
        Output.line("server \(settings.url), mode \(settings.mode.rawValue), key \(settings.apiKey == nil ? "none" : "set"), folder \(settings.folder)")
        do {
            let info = try await TrackService(settings).info()
            Output.line("the server answers: version \(info["version"]?.stringValue ?? "unknown")")
        } catch { Output.line("\(error)") }
        let entries = try Spool.entries(settings: settings)
        if entries.isEmpty { Output.line("nothing waits") }
        for entry in entries {
            Output.line("\(entry.run)  \(entry.project)  writer \(entry.writer)  \(entry.isAlive ? "process \(entry.process) writes" : "its process is gone")  "
                + "\(entry.bytes >> 10) KiB  \(entry.storedRows) rows stored" + (entry.refusedBatches > 0 ? "  \(entry.refusedBatches) batches refused" : ""))
        }
    }
}
