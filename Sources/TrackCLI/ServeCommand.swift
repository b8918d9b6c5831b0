import ArgumentParser
import Foundation
import TrackServer
import TrackStore

/// `track serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server.",
        discussion: """
            Serves the API and the dashboard from one process and one data folder. On loopback it is open until the first key \
            is made; on any other address it demands keys, and prints the first one once. \
            SIGTERM and Ctrl-C finish what is under way and exit with 0.
            """
    )

    @OptionGroup var data: DataFolder
    @Option(help: "The address to listen on; 0.0.0.0 or :: for all.") var host = "127.0.0.1"
    @Option(help: "The port; 0 takes a free one.") var port = 8080
    @Option(help: "When a batch is acknowledged: full waits for the disk, normal for the system's cache.") var durability = StoreOptions.Durability.full
    @Option(help: ArgumentHelp("The most that stored files may take together, in bytes; as much as the disk has without it.", valueName: "bytes"))
    var blobQuota: Int64?
    @Option(help: ArgumentHelp("Days that a run lies in the bin before it is deleted for ever.", valueName: "days")) var binDays = 30
    @Option(help: ArgumentHelp("Where the server hangs behind a proxy: /track.", valueName: "path")) var pathPrefix = ""
    @Option(help: ArgumentHelp("A proxy whose X-Forwarded fields are believed: an address, a network, or loopback. May be repeated.", valueName: "address"))
    var trustedProxy: [String] = []
    @Option(help: ArgumentHelp("The dashboard's folder; found by itself if it lies beside the program.", valueName: "dir")) var web: String?
    @Option(help: ArgumentHelp("The database migrations' folder; found by itself if it lies beside the program.", valueName: "dir")) var migrations: String?
    @Flag(help: "Writes one line for each request to standard error.") var logRequests = false
    @Flag(help: "Keeps batches as they come until folding is resumed with PATCH /api/v1/folding.") var pauseFolding = false

    func validate() throws {
        if let blobQuota, blobQuota < 0 { throw ValidationError("--blob-quota is \(blobQuota); a number of bytes is needed.") }
        guard (0...36_500).contains(binDays) else { throw ValidationError("--bin-days is \(binDays); 0 … 36500 is allowed.") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port); 0 … 65535 is allowed.") }
        guard pathPrefix.isEmpty || (pathPrefix.hasPrefix("/") && !pathPrefix.hasSuffix("/") && !pathPrefix.contains("\"") && !pathPrefix.contains("<")) else {
            throw ValidationError("--path-prefix is \"\(pathPrefix)\"; it begins with a slash and ends without one: /track.")
        }
    }

    func run() async throws {
        ProcessMemory.settle()
        let service = try ServeService(options: serverOptions(), store: openStore(), folder: data.absolute)
        try await service.runUntilSignalled()
    }

    private func openStore() throws -> SQLiteStore {
        var options = StoreOptions()
        options.durability = durability
        if let blobQuota { options.blobQuota = blobQuota }
        options.binDays = binDays
        try DataFolder.make(data.absolute)
        let store = try SQLiteStore(directory: data.absolute, migrations: try migrations ?? Resources.migrations(otherwise: "Give it with --migrations."), options: options)
        if pauseFolding { store.pauseFolding(true) }
        return store
    }

    private func serverOptions() throws -> ServerOptions {
        var options = ServerOptions()
        (options.host, options.port, options.pathPrefix) = (host, port, pathPrefix)
        (options.trustedProxies, options.durability, options.logsRequests) = (trustedProxy, durability.rawValue, logRequests)
        options.web = web ?? ResourceLocator().folder("web")
        options.scratch = data.absolute
        options.controlSocket = ControlSocket.path(in: data.absolute)
        return options
    }
}

extension StoreOptions.Durability: ExpressibleByArgument {}
