import Foundation
import Synchronization
import Track

/// The code of the library's articles (`Sources/Track/Track.docc`), word for word: what is shown there is compiled here, and run by ``ArticleTests``.
enum ArticleSnippets {
    static func startARun() async throws {
        let run = try await track.start(
            project: "mnist", name: "baseline",
            config: ["learningRate": 3e-4, "batchSize": 64, "layers": [16, 32, 64], "model": ["kind": "cnn"]],
            group: "first tries", jobType: "train", tags: ["cnn"], notes: "As in the paper, but smaller.")
        print("Watch it at \(run.url)/p/mnist/r/\(run.id)")

        track.config.warmup = 500
        track.config["optimizer.name"] = "adam"
        track.summary.bestAccuracy = 0.98
        let rate: Double? = track.config.learningRate
        precondition(rate == 3e-4)

        if let report = await track.finish() {
            print(report)
            if !report.isComplete { print("\(report.waitingRows) rows wait on disk; `track sync` delivers them") }
        }
    }

    static func severalRuns() async throws {
        let runs = [try await Run.start(project: "sweep", config: ["seed": 1]), try await Run.start(project: "sweep", config: ["seed": 2])]
        for run in runs { run.log(["loss": 0.5], step: 1) }
        for run in runs { await run.finish() }
    }

    static func logMetrics() async throws {
        try await track.start(project: "mnist")
        for step in 0..<1_000 {
            let (loss, accuracy) = trainStep(step)
            track.log(["train/loss": loss, "train/accuracy": accuracy], step: step)
        }
        mixedNumbers()
        let weights: [Float] = [0.1, 0.2, 0.2]
        track.define("val/*", goal: .minimize, summary: .min, step: "epoch")
        track.define("accuracy", goal: .maximize, summary: .max)
        track.log(histogram: weights, name: "weights/layer1", step: 100)
        track.event("checkpoint", title: "Saved the best model", step: 100)
        track.alert("Loss is NaN", text: "The learning rate may be too high.", level: .error)
        let isStored = await track.flush(deadline: .seconds(5))
        precondition(isStored)
        await track.finish()
    }

    private static func mixedNumbers() {
        let loss: Float = 0.25, epoch = 3, isBest = true, validation: Double? = nil
        track.log(["loss": loss, "epoch": epoch, "best": isBest, "val/loss": validation])
        track.log(["train": ["loss": 0.25, "accuracy": 0.9], "val": ["loss": 0.3]])
    }

    static func logMedia() async throws {
        try await track.start(project: "mnist")
        let digit = [UInt8](repeating: 200, count: 64), activations = [Float](repeating: 0.5, count: 3 * 16)
        track.log(image: Image(pixels: digit, width: 8, height: 8), name: "digits", step: 10, caption: "a seven")
        track.log(image: Image(pixels: activations, width: 4, height: 4, layout: .planar, range: -1...1), name: "activations", step: 10)
        track.log(image: Image(contentsOf: "plot.png"), name: "plot")

        track.log(text: "Once upon a time there was a", name: "samples", step: 10)

        var table = Table(columns: ["id", "guess", "truth", "p"])
        table.append(1, "cat", "cat", 0.93)
        table.append(2, "dog", nil, 0.51)
        track.log(table: table, name: "predictions", step: 10)

        track.log(file: "model.safetensors", name: "weights")
        await track.finish()
    }

    static func offline() async throws {
        try await track.start(project: "mnist", mode: .offline)
        track.log(["loss": 0.5], step: 1)
        await track.finish()

        let report = try await Spool.sync()
        print("\(report.delivered) runs delivered, \(report.rows) rows; \(report.failed) failed")
        for entry in try Spool.entries() { print("\(entry.run) waits in \(entry.folder)") }
    }

    static func checkTheDelivery() async throws {
        let run = try await track.start(project: "mnist")
        track.log(["loss": 0.5], step: 1)
        let now = run.report
        print("\(now.loggedRows) rows logged, \(now.storedRows) stored, \(now.waitingRows) wait, \(now.droppedRows) could not be kept")

        if let receipt = await track.finish() {
            print(receipt.isComplete ? "everything is stored" : "\(receipt)")
        }
    }

    static func resume() async throws {
        let run = try await track.start(project: "mnist", id: "ab2cd34e", resume: .allow)
        await run.finish()

        try await track.start(project: "mnist", id: "ab2cd34e", resume: .from(step: 1_200))
        for step in 1_200..<2_000 { track.log(["loss": trainStep(step).loss], step: step) }
        await track.finish()
    }

    static func severalProcesses() async throws {
        let rank = Int(ProcessInfo.processInfo.environment["RANK"] ?? "0")!
        try await track.start(project: "large", id: "ab2cd34e", rank: rank)
        track.log(["rank\(rank)/throughput": 1_250], step: 10)
        await track.finish()
    }

    static func stopARun() async throws {
        try await track.start(project: "large")
        for step in 0..<1_000 {
            track.log(["loss": 1 / Double(step + 1)], step: step)
            if track.isStopRequested { break }
        }
        await track.finish()

        let model: [Float] = [0.5]
        track.onCommand(.checkpoint) { command in
            do {
                try save(model, to: "model.bin")
                command.done("model.bin")
            } catch {
                command.refuse("\(error)")
            }
        }

        let rate = Mutex(0.01)
        track.declare("learning_rate", value: 0.01, in: 1e-6...0.1) { new in rate.withLock { $0 = new } }
        track.declare("sampler", value: "greedy", of: ["greedy", "nucleus"]) { new in
            guard isLoaded(new) else { throw NotLoaded() }
        }
    }

    private struct NotLoaded: Error {}
    @Sendable private static func isLoaded(_ sampler: String) -> Bool { sampler == "greedy" }

    @Sendable private static func save(_ model: [Float], to path: String) throws { try model.withUnsafeBytes { try Data($0).write(to: URL(filePath: path)) } }

    static func systemMetrics() async throws {
        var settings = try Settings.load()
        settings.systemInterval = .seconds(30)
        settings.recordsSystem = ProcessInfo.processInfo.environment["QUIET"] == nil
        try await track.start(project: "mnist", settings: settings)
        await track.finish()
    }

    static func console() async throws {
        try await track.start(project: "mnist")
        track.captureConsole()
        print("epoch 1")
        await track.finish()

        track.log(line: "data loaded in 3 s", stream: "notes")
    }

    private static func trainStep(_ step: Int) -> (loss: Double, accuracy: Double) { (1 / Double(step + 1), 0.5) }
}
