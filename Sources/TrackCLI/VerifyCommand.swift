import ArgumentParser
import Track
import TrackStore

/// `track verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks everything stored, or one run's delivery.",
        discussion: "Without a run, on the server's machine: checksums, gaps in sequences, pictures against points, rows that belong to nobody. A running "
            + "server is not disturbed: a copy of this moment is checked. With a run, on any machine: compares what its writers say they logged, what the "
            + "server has, and what waits here. Exits with 1 if anything is wrong."
    )

    @Argument(help: "A run, to check its delivery over HTTP.") var run: String?
    @OptionGroup var data: DataFolder

    func validate() throws {
        if let run, RunID(run) == nil { throw ValidationError("The run is \"\(run)\"; 8 characters of a-z and 2-7 are needed.") }
    }

    func run() async throws {
        if let run = run.flatMap({ RunID($0) }) { return try await verifyDelivery(of: run) }
        let report = try await Stores.reading(data.absolute) { try await $0.verify() }
        for problem in report.problems { Output.line("\(problem)") }
        Output.line("\(report.runs) runs, \(report.batches) batches, \(report.chunks) chunks, \(report.points) points: "
            + (report.problems.isEmpty ? "all is well." : "\(report.problems.count) problems."))
        if !report.problems.isEmpty { throw ExitCode(1) }
    }

    private func verifyDelivery(of run: RunID) async throws {
        let check = try await TrackService(try Settings.load()).verify(run)
        for writer in check.writers {
            let logged = writer.report?["loggedRows"]?.doubleValue.map { "\(Int($0)) rows logged by its receipt" } ?? "no receipt yet"
            Output.line("writer \(writer.name): \(logged), \(writer.storedRows.map { "\($0)" } ?? "an unknown number") stored"
                + (writer.waitingRows.map { ", \($0) wait here" } ?? "") + (writer.isAlive ? ", still writing" : ""))
        }
        for problem in check.problems { Output.line(problem) }
        Output.line("\(run): " + (check.problems.isEmpty ? "all is well." : "\(check.problems.count) problems."))
        if !check.problems.isEmpty { throw ExitCode(1) }
    }
}
