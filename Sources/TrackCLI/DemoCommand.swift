import ArgumentParser
import Foundation
import TrackModel
import TrackServer
import TrackStore

/// `track demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs the server and trains a small network live into it.",
        discussion: """
            Starts the server, then trains on handwritten digits in another process that logs through the client over HTTP, \
            as your own program would. Open the printed address and watch the curves draw themselves. \
            Serves until Ctrl-C; with --once it stops when the training is over.
            """
    )

    @OptionGroup var data: DataFolder
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port; without it 8080, or the next free one.") var port: Int?
    @Option(help: "How many epochs to train.") var epochs = 200
    @Flag(help: "Stops by itself when the training is over.") var once = false

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port is \(port); 0 … 65535 is allowed.") }
        guard (1...10_000).contains(epochs) else { throw ValidationError("--epochs is \(epochs); 1 … 10000 is allowed.") }
    }

    func run() async throws {
        let signals = Signals([SIGTERM, SIGINT])
        let example = try ExampleProgram.locate()
        let service = try makeService()
        let url = try await service.start()
        let key = try await makeKey(service)
        let training = try example.start(url: url, key: key?.key, epochs: epochs)

        let status = await firstOf(training, signals)
        training.stop()
        if let key { try? await service.store.deleteKey(key.record.id) }
        if let status { await afterTraining(status, url, signals) }
        try await service.stop()
        if let status, status != 0 { throw ExitCode(status) }
    }

    private func makeService() throws -> ServeService {
        let store = try SQLiteStore(directory: data.absolute, migrations: try Resources.migrations(given: nil), options: StoreOptions())
        var options = ServerOptions()
        (options.host, options.port) = (host, try port ?? FreePort.first(from: 8080, host: host))
        options.web = ResourceLocator().folder("web")
        return try ServeService(options: options, store: store, folder: data.absolute)
    }

    /// A key for the training process, if the server asks for one; it lives as long as the training.
    private func makeKey(_ service: ServeService) async throws -> (key: String, record: KeyRecord)? {
        let hasKeys = try await service.store.hasKeys()
        guard hasKeys || !service.options.isLoopback else { return nil }
        return try await service.store.makeKey(name: "demo", scope: .write, expiresAt: nil)
    }

    /// The training's exit status, or `nil` if a signal came first.
    private func firstOf(_ training: ExampleProgram.Training, _ signals: Signals) async -> Int32? {
        await withTaskGroup(of: Int32?.self) { group in
            group.addTask { await training.status() }
            group.addTask { await signals.first(); return nil }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func afterTraining(_ status: Int32, _ url: String, _ signals: Signals) async {
        if status != 0 { return Output.line("The training ended with status \(status).") }
        if once { return }
        Output.line("The training is over; its curves stay at \(url). Press Ctrl-C to stop the server.")
        await signals.first()
    }
}
