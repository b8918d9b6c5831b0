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

        var endings = endings(of: training, signals).makeAsyncIterator()
        let status: Int32? = if case .trained(let status) = await endings.next() { status } else { nil }
        training.stop()
        if let key { try? await service.store.deleteKey(key.record.id) }
        if let status, keepsServing(after: status, at: url) { _ = await endings.next() }
        try await service.stop()
        if let status, status != 0 { throw ExitCode(status) }
    }

    private func makeService() throws -> ServeService {
        let store = try SQLiteStore(directory: data.absolute, migrations: try Resources.migrations(), options: StoreOptions())
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

    private enum Ending { case trained(Int32), signalled }

    /// What ends the demo, as it happens: the training once, a signal once.
    private func endings(of training: ExampleProgram.Training, _ signals: Signals) -> AsyncStream<Ending> {
        AsyncStream { endings in
            Task { endings.yield(.trained(await training.status())) }
            Task { await signals.first(); endings.yield(.signalled) }
        }
    }

    private func keepsServing(after status: Int32, at url: String) -> Bool {
        if status != 0 { Output.line("The training ended with status \(status).") }
        if status != 0 || once { return false }
        Output.line("The training is over; its curves stay at \(url). Press Ctrl-C to stop the server.")
        return true
    }
}
