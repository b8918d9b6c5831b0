import Layers
import Tensors
import Testing
import Track
import TrackModel
import TrackStore
import TrackTesting
@testable import TrackTraining
import Training

@Suite("watch") struct ModuleWatchTests {
    private func settings(_ server: TestServer) -> Settings {
        var settings = Settings()
        (settings.url, settings.folder) = (server.url, server.folder + "/client")
        (settings.recordsSystem, settings.recordsEnvironment) = (false, false)
        return settings
    }

    @Test("in a loop of one's own logs weights and gradients at every so many steps") func loop() async throws {
        try await TestServer.run { server in
            setRandomSeed(1)
            let run = try await Run.start(project: "p", settings: settings(server))
            let model = Linear(2, 1), optimizer = SGD(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate: 0.1)
            let watch = run.watch(model, every: 5), input = Tensor([1, 2, 3, 4], shape: [2, 2])

            for step in 0..<12 {
                model(input).meanSquaredError(Tensor([1, 0], shape: [2, 1])).backward()
                watch.log(step: step)
                optimizer.step()
            }
            await run.finish()

            let names = try await server.store.histogramNames(run.id)
            #expect(names.map(\.name) == ["gradients/bias", "gradients/weight", "weights/bias", "weights/weight"])
            #expect(names.allSatisfy { $0.count == 3 && $0.firstStep == 0 && $0.lastStep == 10 })
            let slices = try await server.store.histograms(run.id, name: "gradients/weight", from: nil, to: nil, limit: 10).slices
            #expect(slices.allSatisfy { $0.count == 2 && $0.counts.reduce(0, +) == 2 } && Set(slices.map(\.sum)).count == 3)
        }
    }

    @Test("as a callback follows the learner's steps, with the parts and the prefix that were asked for") func callback() async throws {
        try await TestServer.run { server in
            let run = try await Run.start(project: "p", settings: settings(server))
            let model = Linear(2, 1)
            let learner = Learner(
                model, DataLoaders(train: DataLoader(Pairs(count: 12), batchSize: 4)), loss: { $0.meanSquaredError($1) }, learningRate: 0.01,
                callbacks: [run.watch(model, every: 2, content: .gradients, prefix: "net/")])
            try learner.fit(epochs: 2)
            await run.finish()

            let names = try await server.store.histogramNames(run.id)
            #expect(names.map(\.name) == ["net/gradients/bias", "net/gradients/weight"] && names.allSatisfy { $0.count == 3 && $0.lastStep == 4 })
        }
    }

    @Test("without a run does nothing") func none() {
        let model = Linear(2, 1)
        model(Tensor([1, 2], shape: [1, 2])).sum().backward()

        ModuleWatch(model, to: nil, every: 1, content: .all, prefix: "").log(step: 0)

        #expect(model.parameters().allSatisfy { $0.grad != nil })
    }
}

private struct Pairs: Dataset {
    let count: Int
    subscript(index: Int) -> Sample { Sample(RawArray([Float(index), 1], shape: [2]), values: RawArray([Float(index) / 2], shape: [1])) }
}
