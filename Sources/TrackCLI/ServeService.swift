import Foundation
import TrackModel
import TrackServer
import TrackStore

/// A server with its store, from start to a signal.
struct ServeService {
    let server: Server
    let store: SQLiteStore
    let options: ServerOptions
    let folder: String

    init(options: ServerOptions, store: SQLiteStore, folder: String) throws {
        var options = options
        options.sessionSecret = try SessionSecret.load(from: folder)
        (self.options, self.store, self.folder) = (options, store, folder)
        server = Server(store: store, options: options)
    }

    /// Serves until SIGTERM or SIGINT, then finishes what is under way. A second signal ends the process at once.
    func runUntilSignalled() async throws {
        let signals = Signals([SIGTERM, SIGINT])
        _ = try await start()
        await signals.first()
        try await stop()
    }

    /// Starts to accept and says where. Returns the address.
    func start() async throws -> String {
        let address = try await server.start()
        try await announce(address.url)
        return address.url
    }

    /// Finishes what is under way and closes the store.
    func stop() async throws {
        Output.line("Stopping: finishing what is under way.")
        await server.shutdown()
        try await store.close()
    }

    private func announce(_ url: String) async throws {
        let hasKeys = try await store.hasKeys()
        if !options.isLoopback, !hasKeys {
            let (key, _) = try await store.makeKey(name: "first admin", scope: .admin, expiresAt: nil)
            Output.line("The first admin key, shown only this once: \(key)")
        } else if !hasKeys {
            Output.line("There are no keys, so every program on this machine may read and write; `track key create` ends that.")
        }
        if options.web == nil { Output.line("The dashboard's folder was not found; the API is served alone. Give it with --web.") }
        Output.line("Data is in \(folder)")
        Output.line("Track is ready at \(url)")
    }
}

/// Lines on standard output, there at once also when it is a pipe.
enum Output {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
