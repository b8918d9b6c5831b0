import Foundation
import Layers
import Testing
import Track
import TrackModel
import TrackTesting
import TrackTraining
import Training

@Suite("A fit that is asked from outside") struct RequestTests {
    @Test("saves a checkpoint when it is asked for, ends after a batch when a stop is, and the run finishes") func saveAndStop() async throws {
        try await fitting(keeping: "saved") { server, run in
            try await eventually { try await server.store.run(run).listens == [.stop, .checkpoint] }
            let save = try await server.store.ask(run, for: .checkpoint, by: "laptop").command
            try await eventually { try await server.store.commands(run, limit: 9).first?.state == .done }
            let saved = try #require(try await server.store.commands(run, limit: 9).first)
            _ = try await server.store.ask(run, for: .stop, by: nil)
            return [save.id: saved]
        } then: { server, run, learner, earlier in
            let commands = try await server.store.commands(run, limit: 9), record = try await server.store.run(run)
            let saved = try #require(commands.last), stopped = try #require(commands.first)

            #expect(commands.map(\.state) == [.done, .done] && earlier == [saved.id: saved])
            #expect(try Checkpoint(contentsOf: try #require(saved.message)).progress.stepCount == Int(saved.step ?? 0), "what was saved can be taken up")
            #expect(record.state == .finished && record.listens == nil && stopped.step == Int64(learner.steps) && record.lastStep == stopped.step)
            #expect(learner.reason == "Somebody asked for a stop." && learner.cleaned && learner.steps < Pace.mostSteps)
            let events = try await server.store.events(run)
            #expect(events.map(\.title) == ["Checkpoint saved", "Stop asked for"] && events.map(\.step) == [saved.step, stopped.step])
        }
    }

    @Test("says why a checkpoint could not be saved, and goes on; without Checkpointing nobody can ask") func refusals() async throws {
        let file = NSTemporaryDirectory() + "track-file-" + randomBase32(length: 8)
        try "no folder".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await fitting(keeping: file + "/below") { server, run in
            try await eventually { try await server.store.run(run).listens?.contains(.checkpoint) == true }
            _ = try await server.store.ask(run, for: .checkpoint, by: nil)
            try await eventually { try await server.store.commands(run, limit: 9).first?.state == .refused }
            _ = try await server.store.ask(run, for: .stop, by: nil)
        } then: { server, run, _, _ in
            let refused = try #require(try await server.store.commands(run, limit: 9).last)
            #expect(refused.state == .refused && refused.message?.contains("below") == true, "\(refused)")
            #expect(try await server.store.run(run).state == .finished)
        }
        try await fitting(keeping: nil) { server, run in
            try await eventually { try await server.store.run(run).listens == [.stop] }
            _ = try await server.store.ask(run, for: .stop, by: nil)
        } then: { server, run, _, _ in
            let commands = try await server.store.commands(run, limit: 9)
            #expect(commands.map(\.state) == [.done])
        }
    }

    /// What is left of a learner when its thread is over.
    private struct Ended: Sendable { var steps = 0, reason = "", cleaned = false }

    /// Fits for as long as nobody stops it, on a thread of its own; asks meanwhile, and looks afterwards.
    private func fitting<Asked>(
        keeping folder: String?, ask: (TestServer, RunID) async throws -> Asked, then look: (TestServer, RunID, Ended, Asked) async throws -> Void
    ) async throws {
        let scratch = NSTemporaryDirectory() + "track-requests-" + randomBase32(length: 8)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try await TestServer.run { server in
            var settings = Settings()
            (settings.url, settings.folder, settings.recordsSystem, settings.recordsEnvironment) = (server.url, scratch, false, false)
            let run = try await Run.start(project: "lines", settings: settings)
            async let ended = fit(into: run, keeping: folder.map { $0.hasPrefix("/") ? $0 : scratch + "/" + $0 })
            let asked = try await ask(server, run.id)
            let learner = try await ended
            #expect(await run.finish().isComplete)
            try await look(server, run.id, learner, asked)
        }
    }

    private func fit(into run: Run, keeping folder: String?) async throws -> Ended {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let points = Points(), pace = Pace()
                let callbacks: [Callback] = (folder.map { [Checkpointing(folder: $0, keeping: .every(1_000_000))] } ?? []) + [pace, TrackCallback(to: run, histograms: .never)]
                let learner = Learner(Linear(2, 1), DataLoaders(train: DataLoader(points, batchSize: 4)), loss: { $0.meanSquaredError($1) }, learningRate: 0.01, callbacks: callbacks)
                continuation.resume(with: Result {
                    try learner.fit(epochs: Pace.mostSteps / 3)
                    return Ended(steps: learner.stepCount, reason: learner.stopReason, cleaned: pace.cleaned)
                })
            }
        }
    }

    /// Waits for what is bound to come, a minute at most.
    private func eventually(_ condition: () async throws -> Bool, at place: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<3_000 where try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
        let isSo = try await condition()
        #expect(isSo, sourceLocation: place)
    }
}

/// Keeps a fit that would take no time from writing a million rows before anybody asks.
private final class Pace: Callback {
    static let mostSteps = 60_000
    var cleaned = false
    override func afterBatch(_ learner: Learner) { Thread.sleep(forTimeInterval: 0.002) }
    override func cleanupFit(_ learner: Learner) { cleaned = true }
}

/// y = x₀ − x₁
private struct Points: Dataset {
    let count = 12
    subscript(index: Int) -> Sample {
        let x = [Float(index) / 12, Float(index % 3)]
        return Sample(RawArray(x, shape: [2]), values: RawArray([x[0] - x[1]], shape: [1]))
    }
}
