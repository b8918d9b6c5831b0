import Foundation
import Testing
import Track

@Suite("The articles' code", .serialized) struct ArticleTests {
    @Test("runs as it is printed, against a server that is found as users' programs find it") func runs() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        for (name, value) in ["TRACK_URL": server.url, "TRACK_DIR": folder.path, "TRACK_ENVIRONMENT": "off"] { setenv(name, value, 1) }
        defer { for name in ["TRACK_URL", "TRACK_DIR", "TRACK_ENVIRONMENT"] { unsetenv(name) } }

        try await ArticleSnippets.startARun()
        try await ArticleSnippets.severalRuns()
        try await ArticleSnippets.logMetrics()
        try await ArticleSnippets.logMedia()
        try await ArticleSnippets.offline()
        try await ArticleSnippets.checkTheDelivery()
        try await ArticleSnippets.resume()
        try await ArticleSnippets.severalProcesses()
        try await ArticleSnippets.stopARun()
        try await ArticleSnippets.systemMetrics()
        try await ArticleSnippets.console()

        let runs = fake.runs
        #expect(runs.count == 11 && runs.allSatisfy { $0.finished?.state == .finished })
        #expect(runs.first { $0.request.name == "baseline" }?.extras.summary == ["bestAccuracy": 0.98])
        #expect(runs.contains { $0.rows.count == 1_002 && $0.extras.histograms?.count == 1 && $0.extras.events?.count == 2 })
        #expect(runs.contains { $0.extras.media?.map(\.name) == ["digits", "activations", "samples", "predictions"] })
        #expect(fake.run("ab2cd34e")?.rows.count == 801 && fake.run("ab2cd34e")?.attempts == 3)
        #expect(runs.contains { $0.extras.logs?.map(\.text).contains("epoch 1") == true } && folder.files("spool").isEmpty)
    }
}
