import Foundation
import Testing
import Track

@Suite("A run") struct RunTests {
    @Test("delivers every row with its step, and says so in its receipt") func deliversRows() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", config: ["lr": 0.1, "layers": [16, 32]], settings: folder.settings(url: server.url))

        for step in 0..<5_000 {
            run.log(["loss": 1 / Double(step + 1), "double/third": Double(step) / 3], step: step)
            if step % 100 == 0 { run.log(["val": Float(step)], step: step) }
        }
        run.log(["nan": Double.nan, "inf": -Double.infinity])
        let report = await run.finish()

        let stored = try #require(fake.run(run.id.text))
        #expect(stored.rows.count == 5_051 && report.isComplete && report.loggedRows == 5_051 && report.storedRows == 5_051)
        #expect(stored.rows.filter { $0.values["loss"] != nil }.map(\.step) == (0..<5_000).map(Int64.init))
        #expect(stored.rows.allSatisfy { row in row.values["double/third"].map { $0 == Double(row.step) / 3 } ?? true })
        #expect(stored.rows.last?.step == 5_000 && stored.rows.last?.values["nan"]?.isNaN == true && stored.rows.last?.values["inf"] == -.infinity)
        #expect(stored.finished?.state == .finished && stored.finished?.report?["complete"] == .bool(true))
        #expect(stored.request.config?["lr"] == .number(0.1) && folder.files("spool").isEmpty)
    }

    @Test("starts at once without a server, and is delivered when it comes") func lateServer() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let port = try freePort()
        let clock = ContinuousClock()
        var run: Run?
        let duration = try await clock.measure {
            run = try await Run.start(project: "p", settings: folder.settings(url: "http://127.0.0.1:\(port)"))
        }
        for step in 0..<100 { run!.log(["loss": 1.0], step: step) }
        #expect(duration < .seconds(12))         // two seconds, and the rest for a machine that is busy

        let server = try ScriptedServer(port: port) { fake.handle($0) }
        let report = await run!.finish()

        #expect(report.isComplete && fake.run(run!.id.text)?.rows.count == 100)
        server.stop()
    }

    @Test("sends config, summary, definitions, histograms, events, alerts and lines") func extras() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))

        run.config["optimizer.name"] = "sgd"
        run.config.epochs = 3
        run.summary["best"] = 0.98
        run.define("val/*", goal: .minimize, summary: .min, step: "epoch")
        run.log(histogram: [0, 1, 1, 2, .nan] as [Float], name: "w", step: 7, bins: 2)
        run.event("checkpoint", title: "saved", step: 7)
        run.alert("loss is NaN", level: .error)
        run.log(line: "hello")
        let lr: Double? = run.config["lr"], name: String? = run.config.optimizer.flatMap { (value: JSONValue) in value["name"]?.stringValue }
        await run.finish()

        let extras = try #require(fake.run(run.id.text)).extras
        #expect(extras.config == ["optimizer": ["name": "sgd"], "epochs": 3] && extras.summary == ["best": 0.98])
        #expect(extras.definitions == [MetricDefinition(metric: "val/*", goal: .minimize, summary: .min, step: "epoch")])
        #expect(extras.histograms?.first?.counts == [1, 3] && extras.histograms?.first?.edges == [0, 1, 2] && extras.histograms?.first?.nan == 1)
        #expect(extras.events?.map(\.kind) == ["checkpoint", "alert"] && extras.events?.last?.level == "error" && extras.logs?.map(\.text) == ["hello"])
        #expect(lr == nil && name == "sgd")
    }

    @Test("what another thread logs while the run is being finished is stored, or counted as dropped; the receipt is of what was stored") func lateRows() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let logging = Task.detached {
            var step = 0
            while !Task.isCancelled {
                run.log(["loss": Double(step)], step: step)
                step += 1
                usleep(20)
            }
        }
        try await Task.sleep(for: .milliseconds(50))

        let report = await run.finish()

        logging.cancel()
        await logging.value
        let stored = try #require(fake.run(run.id.text))
        #expect(report.loggedRows == stored.rows.count && report.storedRows == stored.rows.count && report.waitingRows == 0 && report.gaps == 0)
        #expect(stored.finished?.report?["loggedRows"] == .integer(Int64(stored.rows.count)))
    }

    @Test("takes mixed types, dictionaries, groups, empty rows and wrong names without a word") func shapes() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let loss: Float = 0.5, epoch = 3

        run.log(["loss": loss, "epoch": epoch, "ok": true])
        run.log(["a": 1, "b": 2] as [String: Int])
        run.log(["train": ["loss": 1.5], "val": ["loss": 2.5]])
        run.log([:] as [String: Double])
        run.log(["": 1.0, String(repeating: "x", count: 501): 2.0, "kept": 3.0])
        run.log(["twice": 1.0, "twice": 2.0])
        let report = await run.finish()

        let rows = try #require(fake.run(run.id.text)).rows.map(\.values)
        #expect(rows == [["loss": 0.5, "epoch": 3, "ok": 1], ["a": 1, "b": 2], ["train/loss": 1.5, "val/loss": 2.5], ["kept": 3], ["twice": 2]])
        #expect(report.refusedValues == 2 && report.isComplete)
    }

    @Test("refuses what cannot be, in a sentence", arguments: [
        ("", nil as String?, "http://h", "The project's name is \"\"; 1 to 200 characters without line ends are needed."),
        ("p", "UPPER", "http://h", "The run id is \"UPPER\"; 8 characters of a-z and 2-7 are needed. Leave it out to get a new one."),
        ("p", nil, "ftp://h", "The server's address is \"ftp://h\"; http://HOST:PORT or https://HOST is needed. Check TRACK_URL."),
    ]) func refusals(project: String, id: String?, url: String, sentence: String) async {
        await #expect { try await Run.start(project: project, id: id, settings: TemporaryFolder().settings(url: url)) } throws: { "\($0)" == sentence }
    }

    @Test("throws when the id is taken, and leaves no spool behind") func idTaken() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let first = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        await first.finish()

        await #expect(throws: TrackError.self) { try await Run.start(project: "p", id: first.id.text, settings: folder.settings(url: server.url)) }
        await #expect(throws: TrackError.self) { try await Run.start(project: "p", id: "aaaaaaaa", resume: .must, settings: folder.settings(url: server.url)) }
        #expect(folder.files("spool").isEmpty)
    }
}

/// A port on which nobody listens now.
func freePort() throws -> Int {
    let server = try ScriptedServer { _ in .drop }
    defer { server.stop() }
    return server.port
}
