import Foundation
import Testing
@testable import Track

@Suite("Where a run comes from") struct EnvironmentTests {
    @Test("secrets in a command line are masked", arguments: [
        (["train", "--lr", "0.1"], ["train", "--lr", "0.1"]),
        (["train", "--api-key", "abc", "x"], ["train", "--api-key", "***", "x"]),
        (["train", "--token=abc"], ["train", "--token=***"]),
        (["train", "--password", "--verbose"], ["train", "--password", "--verbose"]),
        (["HF_TOKEN=abc", "--keys", "3"], ["HF_TOKEN=***", "--keys", "3"]),
        (["sync", "https://ann:pw@host/p?x=a@b"], ["sync", "https://host/p?x=a@b"]),
        (["trk-0123456789012345678901234567890123456789"], ["***"]),
    ]) func masking(given: [String], kept: [String]) {
        #expect(Secrets.masked(arguments: given) == kept)
    }

    @Test("of the environment only what is listed is told, and no secret") func variables() {
        let environment = ["WORLD_SIZE": "8", "HOME": "/home/ann", "AWS_SECRET_ACCESS_KEY": "x", "MINE": "1"]

        #expect(RunEnvironment.allowed(environment, and: ["MINE", "AWS_SECRET_ACCESS_KEY"])
            == ["WORLD_SIZE": "8", "MINE": "1", "AWS_SECRET_ACCESS_KEY": "***"])
    }

    @Test("a work tree's commit, branch, remote without credentials, and changes are told") func git() throws {
        let folder = TemporaryFolder(), file = folder.path + "/a.txt"
        func git(_ arguments: String...) -> Bool {
            Subprocess.run(["git", "-C", folder.path, "-c", "user.name=a", "-c", "user.email=a@b"] + arguments, limit: 100_000, deadline: .seconds(20))?.succeeded ?? false
        }
        guard git("init", "-q", "-b", "trunk") else { return }      // a machine without git
        try "one\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(git("add", "."))
        #expect(git("commit", "-q", "-m", "first"))
        #expect(git("remote", "add", "origin", "https://ann:pw@example.org/a.git"))

        try FileManager.default.createDirectory(atPath: folder.path + "/deep/er", withIntermediateDirectories: true)
        let clean = try #require(GitState.read(from: folder.path + "/deep/er", withDiff: true, deadline: .seconds(20)))
        try "two\n".write(toFile: file, atomically: true, encoding: .utf8)
        let dirty = try #require(GitState.read(from: folder.path, withDiff: true, deadline: .seconds(20)))
        let brief = GitState.read(from: folder.path, withDiff: false, deadline: .seconds(20))

        #expect(clean["branch"] == "trunk" && clean["commit"]?.stringValue?.count == 40 && clean["remote"] == "https://example.org/a.git")
        #expect(clean["dirty"] == false && clean["diff"] == nil)
        #expect(dirty["dirty"] == true && dirty["diff"]?.stringValue?.contains("-one\n+two\n") == true && dirty["diffCut"] == nil)
        #expect(brief?["dirty"] == true && brief?["diff"] == nil)

        try String(repeating: "many words\n", count: 40_000).write(toFile: file, atomically: true, encoding: .utf8)
        let long = GitState.read(from: folder.path, withDiff: true, deadline: .seconds(20))
        #expect(long?["diff"]?.stringValue?.utf8.count == GitState.diffLimit && long?["diffCut"] == true)
        #expect(GitState.read(from: "/", withDiff: true) == nil)
    }

    @Test("packages are those of Package.resolved, in each of its versions") func packages() {
        let third = #"{"pins":[{"identity":"grdb","state":{"revision":"aa","version":"7.1.0"}},{"identity":"x","state":{"branch":"main","revision":"bb"}}],"version":3}"#
        let first = #"{"object":{"pins":[{"package":"Yams","state":{"branch":null,"revision":"cc","version":null}}]},"version":1}"#

        #expect(ResolvedPackages.parse(Array(third.utf8)) == [["name": "grdb", "version": "7.1.0"], ["name": "x", "branch": "main"]])
        #expect(ResolvedPackages.parse(Array(first.utf8)) == [["name": "Yams", "revision": "cc"]])
        #expect(ResolvedPackages.parse(Array("nonsense".utf8)).isEmpty)
    }

    @Test("a command that takes too long is ended, and one that says too much is cut") func bounds() {
        let started = ContinuousClock.now
        #expect(Subprocess.run(["sleep", "60"], limit: 10, deadline: .milliseconds(200)) == nil)
        #expect(ContinuousClock.now - started < .seconds(30))

        let endless = Subprocess.run(["yes"], limit: 1_000, deadline: .seconds(20))
        #expect(endless?.bytes.count == 1_000 && endless?.isCut == true)
        #expect(Subprocess.run(["no-such-command-anywhere"], limit: 10, deadline: .seconds(5))?.succeeded != true)
    }

    @Test("goes with the run's start, and nothing of it when switched off") func start() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        var settings = folder.settings(url: server.url)
        let without = try await Run.start(project: "p", settings: settings)
        settings.recordsEnvironment = true
        let run = try await Run.start(project: "p", settings: settings)
        await without.finish()
        await run.finish()

        let environment = try #require(fake.run(run.id.text)?.request.environment)
        #expect(environment["process"] == .integer(Int64(getpid())) && environment["host"]?.stringValue?.isEmpty == false)
        #expect(environment["cores"]?.doubleValue ?? 0 >= 1 && environment["swift"]?.stringValue?.hasPrefix("6.") == true)
        #expect(fake.run(without.id.text)?.request.environment == nil)
    }

    @Test("settings are read from the environment, and wrong words refused") func settings() throws {
        let folder = TemporaryFolder().path
        let settings = try Settings.load(environment: [
            "TRACK_DIR": folder, "TRACK_SYSTEM": "off", "TRACK_SYSTEM_INTERVAL": "2.5", "TRACK_ENVIRONMENT": "off", "TRACK_DIFF": "0",
            "TRACK_ENVIRONMENT_VARIABLES": "A, B",
        ])

        #expect(!settings.recordsSystem && !settings.recordsEnvironment && !settings.recordsDiff)
        #expect(settings.systemInterval == .seconds(2.5) && settings.environmentVariables == ["A", "B"])
        #expect(throws: TrackError.self) { try Settings.load(environment: ["TRACK_DIR": folder, "TRACK_SYSTEM": "maybe"]) }
        #expect(throws: TrackError.self) { try Settings.load(environment: ["TRACK_DIR": folder, "TRACK_SYSTEM_INTERVAL": "0"]) }
    }
}
