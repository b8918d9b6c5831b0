import ArgumentParser
import TrackServer

/// `track`: the server and all tools.
@main
struct TrackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Follows training runs: stores what they log, and shows it live.",
        discussion: "Start with `track serve`, open the address it prints, and log from your program.",
        version: Version.current,
        subcommands: [ServeCommand.self, DemoCommand.self, KeyCommand.self, VerifyCommand.self, ExportCommand.self, BackupCommand.self,
                      RestoreCommand.self, LoginCommand.self, StatusCommand.self, SyncCommand.self, RunsCommand.self, LogCommand.self, RehearseCommand.self,
                      VersionCommand.self]
    )
}
