import ArgumentParser
import Foundation
import Synchronization

/// The example that `track demo` trains: a program of its own, beside this one.
struct ExampleProgram {
    let path: String

    /// - Throws: A sentence for the user when the program was not built.
    static func locate() throws -> ExampleProgram {
        let own = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0]).resolvingSymlinksInPath()
        let path = own.deletingLastPathComponent().appendingPathComponent("digits").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ValidationError("The example program is not at \(path). Build it with `swift build -c release --product digits`.")
        }
        return ExampleProgram(path: path)
    }

    /// Starts the training; what it prints goes to this program's output.
    func start(url: String, key: String?, epochs: Int) throws -> Training {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--epochs", "\(epochs)"]
        var environment = ProcessInfo.processInfo.environment
        environment["TRACK_URL"] = url
        environment["TRACK_API_KEY"] = key
        environment["TRACK_MODE"] = "online"
        process.environment = environment
        return try Training(process)
    }

    /// A training under way.
    final class Training: Sendable {
        private let process: Mutex<Process>
        private let ended: AsyncStream<Int32>

        fileprivate init(_ process: Process) throws {
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
            process.terminationHandler = { ended in
                continuation.yield(ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus)
                continuation.finish()
            }
            try process.run()
            ended = stream
            self.process = Mutex(process)
        }

        /// Waits for the end; the status is the program's own, or 128 + the signal that ended it.
        func status() async -> Int32 {
            for await status in ended { return status }
            return 0
        }

        /// Asks it to end, if it still runs, and waits until it has.
        func stop() {
            process.withLock { process in
                guard process.isRunning else { return }
                process.terminate()
                process.waitUntilExit()
            }
        }
    }
}
