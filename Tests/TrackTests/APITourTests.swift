import Foundation
import Testing
import Track

/// Every verb as a user writes it: no `@testable`, no help. What compiles here is what the documentation promises.
@Suite("The public API, verb by verb") struct APITourTests {
    @Test("start takes everything that a run may be told, and returns the run") func start() async throws {
        try await tour { fake, settings in
            let run = try await track.start(
                project: "mnist", name: "baseline", config: ["lr": 3e-4, "layers": [16, 32], "model": ["kind": "cnn"], "amp": true, "seed": 7],
                group: "first tries", jobType: "train", tags: ["cnn", "small"], notes: "A first try.", resume: .never, mode: .online, settings: settings)
            await track.finish()

            let request = try #require(fake.run(run.id.text)).request
            #expect(request.project == "mnist" && request.name == "baseline" && request.group == "first tries" && request.jobType == "train")
            #expect(request.tags == ["cnn", "small"] && request.notes == "A first try." && track.run === run)
            #expect(request.config == ["lr": 3e-4, "layers": [16, 32], "model": ["kind": "cnn"], "amp": true, "seed": 7])
        }
    }

    @Test("log takes every kind of number, mixed, missing, nested, from literals and variables") func numbers() async throws {
        try await tour { fake, settings in
            let run = try await track.start(project: "p", settings: settings)
            let small: Int8 = -8, byte: UInt8 = 8, short: Int16 = 16, word: UInt16 = 17, int32: Int32 = 32, uint32: UInt32 = 33, int64: Int64 = 64, uint64: UInt64 = 65
            let float: Float = 0.5, half: Float16 = 0.25, flag = true, missing: Double? = nil, there: Float? = 2.5
            let doubles: [String: Double] = ["d": 1], mixed: [String: any Loggable] = ["m": 1, "n": 2.5], optionals: [String: Double?] = ["o": 3, "none": nil]

            track.log(["int8": small, "uint8": byte, "int16": short, "uint16": word, "int32": int32, "uint32": uint32, "int64": int64, "uint64": uint64])
            track.log(["int": 1, "uint": UInt(2), "double": 0.1, "float": float, "half": half, "bool": flag])
            track.log(["loss": 0.5])
            track.log(["loss": 1, "count": 2], step: 9)
            track.log(["here": there, "gone": missing, "always": 4.0])
            track.log(["only": missing])
            track.log(doubles)
            track.log(mixed)
            track.log(optionals)
            track.log(["train": ["loss": 0.1, "acc": 0.9], "val": ["loss": 0.2]])
            track.log(["a/b/c": Double.nan, "inf": .infinity])
            await track.finish()

            let rows = try #require(fake.run(run.id.text)).rows
            #expect(rows[0].values == ["int8": -8, "uint8": 8, "int16": 16, "uint16": 17, "int32": 32, "uint32": 33, "int64": 64, "uint64": 65])
            #expect(rows[1].values == ["int": 1, "uint": 2, "double": 0.1, "float": 0.5, "half": 0.25, "bool": 1])
            #expect(rows[2].values == ["loss": 0.5] && rows[3].values == ["loss": 1, "count": 2] && rows[3].step == 9)
            #expect(rows[4].values == ["here": 2.5, "always": 4] && rows[5].values == ["d": 1] && rows[6].values == ["m": 1, "n": 2.5] && rows[7].values == ["o": 3])
            #expect(rows[8].values == ["train/loss": 0.1, "train/acc": 0.9, "val/loss": 0.2])
            #expect(rows[9].values["a/b/c"]?.isNaN == true && rows[9].values["inf"] == .infinity && rows.count == 10)
        }
    }

    @Test("config and summary are read and written by member, by key and all at once") func values() async throws {
        try await tour { fake, settings in
            let run = try await track.start(project: "p", config: ["lr": 0.1], settings: settings)

            track.config.epochs = 3
            track.config["optimizer.name"] = "sgd"
            track.config.update(["batchSize": 64, "augment": ["flip", "crop"]])
            track.summary.best = 0.98
            track.summary["final/accuracy"] = Float(0.5)
            let lr: Double? = track.config.lr, epochs: Int? = track.config["epochs"], name: String? = run.config["optimizer.name"], best: Double? = run.summary.best
            await track.finish()

            #expect(lr == 0.1 && epochs == 3 && name == "sgd" && best == 0.98)
            let extras = try #require(fake.run(run.id.text)).extras
            #expect(extras.config == ["epochs": 3, "optimizer": ["name": "sgd"], "batchSize": 64, "augment": ["flip", "crop"]])
            #expect(extras.summary == ["best": 0.98, "final/accuracy": 0.5])
        }
    }

    @Test("define, event, alert, histogram and line are one call each") func marks() async throws {
        try await tour { fake, settings in
            let run = try await track.start(project: "p", settings: settings)

            track.define("val/*", goal: .minimize, summary: .min, step: "epoch")
            track.define("accuracy", goal: .maximize)
            track.event("checkpoint", title: "Saved", text: "model-3.safetensors", step: 3)
            track.alert("Loss is NaN", text: "at step 12", level: .error, step: 12)
            track.log(histogram: [0.1, 0.2, 0.2, 0.9], name: "weights", step: 4)
            track.log(histogram: (0..<100).map { Float($0) }, name: "activations", bins: 10)
            track.log(line: "hello")
            await track.finish()

            let extras = try #require(fake.run(run.id.text)).extras
            #expect(extras.definitions?.count == 2 && extras.events?.map(\.kind) == ["checkpoint", "alert"] && extras.events?[1].level == "error")
            #expect(extras.histograms?.map(\.name) == ["weights", "activations"] && extras.histograms?[1].counts == [UInt64](repeating: 10, count: 10))
            #expect(extras.logs?.map(\.text) == ["hello"])
        }
    }

    @Test("images, texts, tables and files are one call each") func media() async throws {
        try await tour { fake, settings in
            let run = try await track.start(project: "p", settings: settings)
            let pixels = [Float](repeating: 0.5, count: 3 * 4 * 4)
            var table = Table(columns: ["guess", "truth", "p"])
            table.append("cat", "dog", 0.7)
            table.append("cat", nil, 1)

            track.log(image: Image(pixels: pixels, width: 4, height: 4, layout: .planar), name: "sample", step: 1, caption: "grey")
            track.log(images: [Image(pixels: [0, 255] as [UInt8], width: 2, height: 1)], name: "samples", captions: ["two pixels"])
            track.log(text: "Once upon a time", name: "story")
            track.log(table: table, name: "predictions")
            track.log(table: Table(columns: ["a", "b"], rows: [[1, "x"], [2, nil]]), name: "small")
            track.save(#filePath)
            await track.finish()

            let media = try #require(fake.run(run.id.text)?.extras.media)
            #expect(media.map(\.name) == ["sample", "samples", "story", "predictions", "small", "APITourTests.swift"])
            #expect(Set(media.map(\.digest)).count == 6 && fake.blobs.withLock { $0.count } == 6)
        }
    }

    @Test("several runs go side by side, each with its own report; flush tells whether the server has it") func severalRuns() async throws {
        try await tour { fake, settings in
            let runs: [Run] = try await withThrowingTaskGroup(of: Run.self) { group -> [Run] in
                for index in 0..<3 { group.addTask { try await Run.start(project: "sweep", config: ["index": index], settings: settings) } }
                var runs: [Run] = []
                for try await run in group { runs.append(run) }
                return runs
            }
            await withTaskGroup(of: Void.self) { group in
                for run in runs { group.addTask { for step in 0..<10 { run.log(["loss": 1 / Double(step + 1)], step: step) } } }
            }
            let isStored = await runs[0].flush()
            for run in runs {
                let report: RunReport = await run.finish(.finished, exitCode: 0, deadline: .seconds(20))
                #expect(report.isComplete && report.loggedRows == 10 && report.waitingRows == 0)
            }

            #expect(isStored && fake.runs.count == 3 && fake.runs.allSatisfy { $0.rows.count == 10 && $0.request.project == "sweep" })
        }
    }

    @Test("without a run every verb does nothing, so that code with logging in it also works untracked") func untracked() async {
        let disabled = try? await Run.start(project: "p", mode: .disabled)
        disabled?.log(["loss": 1])
        disabled?.log(image: Image(pixels: [0] as [UInt8], width: 1, height: 1), name: "i")
        disabled?.config.lr = 1.0
        let report = await disabled?.finish()

        #expect(report?.loggedRows == 0 && report?.storedRows == 0)
    }

    /// A server, and settings that lead to it.
    private func tour(_ body: (FakeTrack, Settings) async throws -> Void) async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        try await body(fake, folder.settings(url: server.url))
        server.stop()
    }
}
