import Foundation
import Layers
import Testing
import Track
import TrackModel
import TrackTesting
@testable import TrackTraining
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

    @Test("changes the learning rate between two steps: the step before has the old one, the step after the new one") func learningRate() async throws {
        try await fitting(keeping: nil, adjusting: 1e-6...0.1) { server, run in
            try await eventually { try await server.store.run(run).declared != nil }
            let declared = try await server.store.run(run).declared
            #expect(declared == [DeclaredValue("learning_rate", value: 0.01, in: 1e-6...0.1)])
            await #expect(throws: (any Error).self) { try await server.store.ask(run, toSet: "learning_rate", to: 0.2, by: nil) }
            _ = try await server.store.ask(run, toSet: "learning_rate", to: 0.02, by: "laptop")
            try await eventually { try await server.store.commands(run, limit: 9).first?.state == .done }
            let (done, record) = (try await server.store.commands(run, limit: 1)[0], try await server.store.run(run))
            #expect(record.declared?[0].value == 0.02)
            try await eventually { try await server.store.run(run).lastStep ?? 0 > (done.step ?? 0) + 1 }
            _ = try await server.store.ask(run, for: .stop, by: nil)
            return done
        } then: { server, run, learner, done in
            let changed = Int(try #require(done.step)), record = try await server.store.run(run)
            #expect(learner.rates.count == learner.steps && changed < learner.steps)
            #expect(learner.rates.prefix(changed).allSatisfy { abs($0 - 0.01) < 1e-4 } && learner.rates.dropFirst(changed).allSatisfy { abs($0 - 0.02) < 2e-4 })
            #expect(record.declared == nil && record.summary?["learning_rate"]?.last == 0.02)
            let events = try await server.store.events(run)
            #expect(events.first?.title == "learning_rate 0.01 → 0.02" && events.first?.step == done.step && events.first?.text == "Asked for by laptop.")
        }
    }

    @Test("changes the rate that a schedule shapes, tells what changes by itself, and offers nothing where a schedule heeds no rate") func schedules() throws {
        let rate = Adjustable.learningRate(in: 1e-6...1)
        func learner(_ callbacks: [Callback]) -> Learner {
            Learner(Linear(2, 1), DataLoaders(train: DataLoader(Points(), batchSize: 4)), loss: { $0.meanSquaredError($1) }, learningRate: 0.01, callbacks: callbacks)
        }
        let plain = learner([]), shaped = learner([OneCycle()]), deaf = learner([OneCycle(peak: 0.5)])
        plain.optimizer.learningRate = 0.005
        shaped.optimizer.learningRate = 0.005

        #expect(rate.objection(in: plain) == nil && rate.objection(in: shaped) == nil)
        #expect(rate.objection(in: deaf) == "the schedule PeakSchedule takes no notice of the learner's rate")
        #expect(rate.value(of: plain) == 0.005 && rate.value(of: shaped) == 0.01)
        #expect(rate.declared(of: plain) == DeclaredValue("learning_rate", value: 0.005, in: 1e-6...1))
        try rate.set(0.1, in: plain)
        try rate.set(0.1, in: shaped)
        #expect(plain.optimizer.learningRate == 0.1 && plain.learningRate == 0.1 && shaped.learningRate == 0.1 && shaped.optimizer.learningRate == 0.005)
    }

    /// What is left of a learner when its thread is over.
    private struct Ended: Sendable { var steps = 0, reason = "", cleaned = false, rates: [Double] = [] }

    /// Fits for as long as nobody stops it, on a thread of its own; asks meanwhile, and looks afterwards.
    private func fitting<Asked>(
        keeping folder: String?, adjusting rates: ClosedRange<Double>? = nil, ask: (TestServer, RunID) async throws -> Asked, then look: (TestServer, RunID, Ended, Asked) async throws -> Void
    ) async throws {
        let scratch = NSTemporaryDirectory() + "track-requests-" + randomBase32(length: 8)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try await TestServer.run { server in
            var settings = Settings()
            (settings.url, settings.folder, settings.recordsSystem, settings.recordsEnvironment) = (server.url, scratch, false, false)
            let run = try await Run.start(project: "lines", settings: settings)
            async let ended = fit(into: run, keeping: folder.map { $0.hasPrefix("/") ? $0 : scratch + "/" + $0 }, adjusting: rates)
            let asked = try await ask(server, run.id)
            let learner = try await ended
            #expect(await run.finish().isComplete)
            try await look(server, run.id, learner, asked)
        }
    }

    private func fit(into run: Run, keeping folder: String?, adjusting rates: ClosedRange<Double>?) async throws -> Ended {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let points = Points(), pace = Pace(), adjustable = rates.map { [Adjustable.learningRate(in: $0)] } ?? []
                let callbacks: [Callback] = (folder.map { [Checkpointing(folder: $0, keeping: .every(1_000_000))] } ?? [])
                    + [pace, TrackCallback(to: run, histograms: .never, adjustable: adjustable)]
                let learner = Learner(Linear(2, 1), DataLoaders(train: DataLoader(points, batchSize: 4)), loss: { $0.meanSquaredError($1) }, learningRate: 0.01, callbacks: callbacks)
                continuation.resume(with: Result {
                    try learner.fit(epochs: Pace.mostSteps / 3)
                    return Ended(steps: learner.stepCount, reason: learner.stopReason, cleaned: pace.cleaned, rates: pace.rates)
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

/// Keeps a fit that would take no time from writing a million rows before anybody asks, and measures how far its steps go.
private final class Pace: Callback {
    static let mostSteps = 60_000
    var cleaned = false
    /// Of each step how far the parameters went, in lengths of the gradient: what plain gradient descent calls the learning rate.
    var rates: [Double] = []
    private var before: [Float] = []
    override func beforeStep(_ learner: Learner) { before = learner.namedParameters.flatMap(\.parameter.scalars) }
    override func afterBatch(_ learner: Learner) {
        let moved = zip(before, learner.namedParameters.flatMap(\.parameter.scalars)).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        rates.append(moved.squareRoot() / learner.gradientNorm)
        Thread.sleep(forTimeInterval: 0.002)
    }
    override func cleanupFit(_ learner: Learner) { cleaned = true }
}

/// y = x₀ − x₁, and one more or less by turns, so that there is always something left to learn.
private struct Points: Dataset {
    let count = 12
    subscript(index: Int) -> Sample {
        let x = [Float(index) / 12, Float(index % 3)]
        return Sample(RawArray(x, shape: [2]), values: RawArray([x[0] - x[1] + (index % 2 == 0 ? 1 : -1)], shape: [1]))
    }
}
