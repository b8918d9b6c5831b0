import ArgumentParser
import TrackStore

/// `track verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads everything stored and checks it.",
        discussion: "Checksums, gaps in sequences, pictures against points, rows that belong to nobody. Exits with 1 if anything is wrong. "
            + "A running server is not disturbed: a copy of this moment is checked."
    )

    @OptionGroup var data: DataFolder

    func run() async throws {
        let report = try await Stores.reading(data.absolute) { try await $0.verify() }
        for problem in report.problems { Output.line("\(problem)") }
        Output.line("\(report.runs) runs, \(report.batches) batches, \(report.chunks) chunks, \(report.points) points: "
            + (report.problems.isEmpty ? "all is well." : "\(report.problems.count) problems."))
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}
