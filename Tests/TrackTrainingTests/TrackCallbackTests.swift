import Foundation
import Layers
import Tensors
import Testing
import Track
import TrackModel
import TrackStore
import TrackTesting
import TrackTraining
import Training

@Suite("TrackCallback") struct TrackCallbackTests {
    @Test("logs loss, grad_norm, learning_rate and epoch once for each optimizer step") func fourFields() async throws {
        try await TestServer.run { server in
            let id = try await fit(epochs: 2, into: server, callbacks: [])

            let run = try await server.store.run(id)

            for name in ["loss", "grad_norm", "learning_rate", "epoch"] {
                #expect(run.summary?[name]?.count == 6, "\(name): \(String(describing: run.summary?[name]))")
                #expect(run.summary?[name]?.firstStep == 1 && run.summary?[name]?.lastStep == 6)
            }
            #expect(run.summary?["learning_rate"]?.max == 0.1)
            #expect(run.summary?["epoch"]?.last ?? 0 > 1.5)
        }
    }

    @Test("epoch is the fraction done, and learning_rate what the schedule said, at every step") func series() async throws {
        try await TestServer.run { server in
            let cycle = OneCycle(peak: 0.1)
            let id = try await fit(epochs: 2, into: server, callbacks: [cycle])

            let epochs = try await curve("epoch", of: id, on: server), rates = try await curve("learning_rate", of: id, on: server)

            let done = (0..<6).map { Double($0 / 3) + Double($0 % 3) / 3 }
            #expect(epochs.x == [1, 2, 3, 4, 5, 6] && rates.x == epochs.x)
            #expect(epochs.y == done && rates.y == cycle.rates)
        }
    }

    @Test("a search for a rate is a curve of loss over learning_rate on a logarithmic axis, the finder's own") func finder() async throws {
        try await TestServer.run { server in
            let finder = LRFinder(start: 1e-6, factor: 2)
            let id = try await fit(epochs: 20, into: server, callbacks: [finder])

            let found = try await curve("loss", over: "metric:learning_rate", scale: "log", of: id, on: server)

            #expect(finder.points.count == 23 && found.x == finder.points.map(\.rate) && found.y == finder.points.map(\.loss))
        }
    }

    @Test("logs the means of each epoch for training and validation") func epochMeans() async throws {
        try await TestServer.run { server in
            let id = try await fit(epochs: 3, into: server, callbacks: [])

            let run = try await server.store.run(id)

            #expect(run.summary?["train/loss"]?.count == 3)
            #expect(run.summary?["val/loss"]?.count == 3)
            #expect(run.summary?["val/loss"]?.lastStep == 9)
        }
    }

    @Test("logs a histogram of every parameter and gradient at each epoch's end") func histograms() async throws {
        try await TestServer.run { server in
            let id = try await fit(epochs: 2, into: server, callbacks: [])

            let names = try await server.store.histogramNames(id)
            let weights = try await server.store.histograms(id, name: "weights/weight", from: nil, to: nil, limit: 10)

            #expect(Set(names.map(\.name)) == ["weights/weight", "weights/bias", "gradients/weight", "gradients/bias"])
            #expect(weights.slices.map(\.step) == [3, 6])
            #expect(weights.slices.allSatisfy { $0.count == 2 && $0.counts.reduce(0, +) == 2 })
        }
    }

    @Test("writes what was chosen into the config") func config() async throws {
        try await TestServer.run { server in
            let id = try await fit(epochs: 1, into: server, callbacks: [])

            let training = try #require(try await server.store.run(id).config?["training"])

            #expect(training["optimizer"] == "SGD" && training["batchSize"] == 4 && training["epochs"] == 1)
            #expect(training["parameters"] == 3 && training["trainSamples"] == 12)
        }
    }

    @Test("leaves an event with the reason when a fit ends early") func earlyEnd() async throws {
        try await TestServer.run { server in
            let id = try await fit(epochs: 5, into: server, callbacks: [StopAtStep(2)])

            let events = try await server.store.events(id)

            #expect(events.contains { $0.kind == "stop" && $0.text == "two steps are enough" && $0.step == 2 })
        }
    }

    @Test("does nothing without a run") func withoutRun() throws {
        let learner = makeLearner(callbacks: [TrackCallback(to: nil)])

        try learner.fit(epochs: 1)

        #expect(learner.stepCount == 3)
    }

    /// A metric's points as a chart gets them.
    private func curve(_ metric: String, over x: String? = nil, scale: String? = nil, of run: RunID, on server: TestServer) async throws -> (x: [Double], y: [Double]) {
        let answer = try await server.store.series(SeriesQuery(runs: [run], metrics: [metric], x: x, buckets: 1000, scale: scale))
        let series = try #require(answer.series.first)
        #expect(series.raw)
        return (series.columns.x0 ?? [], series.columns.mean ?? [])
    }

    /// Fits a line in a run of its own and waits until the server has everything.
    private func fit(epochs: Int, into server: TestServer, callbacks: [Callback]) async throws -> RunID {
        let spool = FileManager.default.temporaryDirectory.appending(path: "track-callback-\(randomBase32(length: 8))")
        defer { try? FileManager.default.removeItem(at: spool) }
        var settings = Settings()
        (settings.url, settings.folder) = (server.url, spool.path)
        let run = try await Run.start(project: "lines", settings: settings)
        try makeLearner(callbacks: callbacks + [TrackCallback(to: run)]).fit(epochs: epochs)
        let report = await run.finish()
        #expect(report.isComplete, "\(report)")
        return run.id
    }

    private func makeLearner(callbacks: [Callback]) -> Learner {
        setRandomSeed(1)
        let points = Points(count: 12), loaders = DataLoaders(train: DataLoader(points, batchSize: 4), valid: DataLoader(points, batchSize: 4))
        return Learner(Linear(2, 1), loaders, loss: { $0.meanSquaredError($1) }, learningRate: 0.1, callbacks: callbacks)
    }
}

/// y = x₀ − x₁
private struct Points: Dataset {
    let count: Int
    subscript(index: Int) -> Sample {
        let x = [Float(index) / 12, Float(index % 3)]
        return Sample(RawArray(x, shape: [2]), values: RawArray([x[0] - x[1]], shape: [1]))
    }
}

private final class StopAtStep: Callback {
    private let step: Int
    init(_ step: Int) { self.step = step }
    override func afterBatch(_ learner: Learner) throws {
        if learner.stepCount == step { throw Cancel.fit(reason: "two steps are enough") }
    }
}
