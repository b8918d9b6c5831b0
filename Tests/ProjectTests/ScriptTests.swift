import Foundation
import Testing

private let scripts = ["scripts/run", "scripts/test", "scripts/bench", "scripts/vendor", "scripts/bundle", "scripts/screenshot", "scripts/chaos"]

@Suite("Scripts") struct ScriptTests {
    @Test("say with --help what they do and every option they take", arguments: scripts)
    func help(script: String) throws {
        let (status, output) = try run(script, "--help")

        #expect(status == 0)
        #expect(output.hasPrefix("Usage: \(script)") || output.hasPrefix("usage: \(script)"), "\(output.prefix(80))")
        for option in try optionsRead(by: script) { #expect(output.contains(option), "\(script) takes \(option) and does not say so") }
    }

    @Test("refuse what they do not know", arguments: ["scripts/test", "scripts/bench"])
    func refusal(script: String) throws {
        let (status, output) = try run(script, "no-such-part")

        #expect(status != 0)
        #expect(output.contains("no-such-part") || output.contains("needs one family"))
    }

    @Test("a benchmark family has its own help", arguments: ["client", "http", "series", "trainer", "web"])
    func family(name: String) throws {
        let folder = name == "http" ? "HTTP" : name.prefix(1).uppercased() + name.dropFirst()
        let (status, output) = try run("Benchmarks/\(folder)/run", "--help")

        #expect(status == 0)
        #expect(output.contains("sage"))
    }

    /// The long options in the `case` lines of a shell script.
    private func optionsRead(by script: String) throws -> Set<String> {
        let lines = try Project.text(script).split(separator: "\n").filter { $0.contains(/^\s*(-[a-z]\|)?--[a-z-]+\)/) }
        return Set(lines.flatMap { $0.matches(of: /--[a-z-]+/).prefix(1).map { String($0.0) } })
    }

    private func run(_ script: String, _ arguments: String...) throws -> (Int32, String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = Project.root.appending(path: script)
        process.arguments = arguments
        process.currentDirectoryURL = Project.root
        (process.standardOutput, process.standardError, process.standardInput) = (pipe, pipe, FileHandle.nullDevice)
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
