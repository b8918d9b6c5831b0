import Foundation

/// How the client works. `~/.track/config.toml` is weakest, then the environment, then arguments of `start`.
public struct Settings: Sendable, Equatable {
    /// What becomes of rows.
    public enum Mode: String, Sendable, CaseIterable {
        /// Rows are spooled and sent in the background.
        case online
        /// Rows are spooled; `track sync` sends them.
        case offline
        /// Nothing is kept: every call returns at once.
        case disabled
    }

    /// The server's address. `TRACK_URL`, `url`.
    public var url = "http://127.0.0.1:8080"
    /// The server's key; `nil` for an open server. `TRACK_API_KEY`, `api_key`.
    public var apiKey: String?
    /// `TRACK_MODE`, `mode`.
    public var mode = Mode.online
    /// The folder for spools and for `config.toml`. `TRACK_DIR`.
    public var folder = NSHomeDirectory() + "/.track"
    /// The most bytes that may wait on disk for one writer. `TRACK_SPOOL_LIMIT`, `spool_limit`.
    public var spoolLimit = 4 << 30
    /// What is thrown away when the limit is reached. `TRACK_SPOOL_POLICY`, `spool_policy`.
    public var spoolPolicy = SpoolPolicy.dropNewest
    /// Whether `system/…` metrics are logged: what the machine, its GPUs and this process use. `TRACK_SYSTEM=on|off`, `system`.
    public var recordsSystem = true
    /// The time between two readings of them, 0.1 s at least. `TRACK_SYSTEM_INTERVAL` in seconds, `system_interval`.
    public var systemInterval = Duration.seconds(10)
    /// Whether the run tells where it comes from: host, command, git commit, packages. `TRACK_ENVIRONMENT=on|off`, `environment`.
    public var recordsEnvironment = true
    /// Whether that holds the changes that are not committed, 128 KiB at most. `TRACK_DIFF=on|off`, `diff`.
    public var recordsDiff = true
    /// Whether what the program prints is logged from the start; see ``Run/captureConsole()``. `TRACK_CONSOLE=on|off`, `console`.
    public var capturesConsole = false
    /// Environment variables that it may hold beside the usual ones. `TRACK_ENVIRONMENT_VARIABLES` with commas, `environment_variables`.
    public var environmentVariables: [String] = []

    public init() {}

    /// Reads the file and the environment.
    /// - Throws: ``TrackError/setting(name:value:allowed:)`` for a word that is not known.
    public static func load(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Settings {
        var settings = Settings()
        if let folder = environment["TRACK_DIR"], !folder.isEmpty { settings.folder = NSString(string: folder).expandingTildeInPath }
        let file = ConfigFile.load(settings.folder + "/config.toml")
        func word(_ variable: String, _ key: String) -> String? {
            if let value = environment[variable], !value.isEmpty { return value }
            return file[key]
        }
        if let url = word("TRACK_URL", "url") { settings.url = url }
        settings.apiKey = word("TRACK_API_KEY", "api_key")
        if let mode = word("TRACK_MODE", "mode") {
            guard let known = Mode(rawValue: mode) else {
                throw TrackError.setting(name: "TRACK_MODE", value: mode, allowed: "online, offline or disabled")
            }
            settings.mode = known
        }
        if let limit = word("TRACK_SPOOL_LIMIT", "spool_limit") {
            guard let bytes = Int(limit), bytes >= 1 << 20 else {
                throw TrackError.setting(name: "TRACK_SPOOL_LIMIT", value: limit, allowed: "a number of bytes, 1048576 or more")
            }
            settings.spoolLimit = bytes
        }
        if let policy = word("TRACK_SPOOL_POLICY", "spool_policy") {
            guard let known = SpoolPolicy(rawValue: policy) else {
                throw TrackError.setting(name: "TRACK_SPOOL_POLICY", value: policy, allowed: "dropNewest or dropOldest")
            }
            settings.spoolPolicy = known
        }
        try settings.takeEnvironment(word)
        return settings
    }

    /// Where spools are.
    var spoolFolder: String { folder + "/spool" }
}
