import Foundation
import Layers
import Tensors
import Testing
@testable import Training
@testable import TrainingExamples

@Suite("Checkpoints") struct CheckpointTests {
    /// A training with everything that has state: dropout, batch norm, momentum, a schedule, stopping, a shuffled loader.
    private func makeLearner(_ extra: [Callback] = [], optimizer: OptimizerChoice = .adamW(), seed: UInt64 = 3) -> Learner {
        let model = withRandomSeed(8) {
            Sequential(Conv2d(3, 6, kernel: 3, stride: 2), BatchNorm2d(6), ReLU(), Dropout(0.3), AdaptivePool(), Linear(6, 4))
        }
        return Learner(
            model,
            DataLoaders(
                train: DataLoader(TexturedShapes(count: 40, size: 12), batchSize: 16, shuffled: true, seed: seed),
                valid: DataLoader(TexturedShapes(count: 16, size: 12), batchSize: 16)),
            loss: CrossEntropyLoss(), learningRate: 0.02,
            callbacks: [
                TrackResults(), Normalize(), ReduceOnPlateau(decay: PlateauDecay(factor: 0.7, patience: 1)), EarlyStopping(patience: 20),
            ] + extra, optimizer: optimizer)
    }

    private func losses(_ learner: Learner, epochs: Int) throws -> [String] {
        let recorder = Recorder { $0 == "afterBatch" ? "\($1.epoch) \($1.phase) \($1.lossValue) \($1.phase == .train ? $1.gradientNorm : 0) \($1.stepCount)" : nil }
        learner.callbacks.append(recorder)
        try learner.fit(epochs: epochs)
        return recorder.events
    }

    @Test("a run that is resumed after any epoch is the run that was never interrupted, bit by bit", arguments: [1, 3, 5])
    func resumed(epoch: Int) throws {
        try withTemporaryFolder { folder in
            let saving = Checkpointing(folder: folder)
            let whole = makeLearner([saving])
            let expected = try losses(whole, epochs: 6)

            let second = makeLearner([Checkpointing(folder: folder + "/second")])
            second.model.parameters().forEach { $0.scale(by: 0) }
            try second.resume(from: saving.files[epoch - 1])
            let rest = try losses(second, epochs: 6)

            #expect(!rest.isEmpty && rest == Array(expected.suffix(rest.count)) && rest.count == (6 - epoch) * 4)
            #expect(second.model.stateDict() == whole.model.stateDict())
            #expect(Checkpoint(of: second, epoch: 6, loss: 0) == Checkpoint(of: whole, epoch: 6, loss: 0))
        }
    }

    @Test("the schedule of a resumed run goes on where it was", arguments: [OptimizerChoice.sgd(momentum: 0.9), .adam()])
    func schedule(optimizer: OptimizerChoice) throws {
        try withTemporaryFolder { folder in
            let saving = Checkpointing(folder: folder, keeping: .every(2)), cycle = OneCycle()
            let whole = makeLearner([cycle, saving], optimizer: optimizer)
            try whole.fit(epochs: 4)
            let resumed = OneCycle(), second = makeLearner([resumed], optimizer: optimizer)
            try second.resume(from: saving.files[0])
            try second.fit(epochs: 4)

            #expect(saving.files.count == 2 && resumed.rates == Array(cycle.rates.suffix(6)))
            #expect(second.model.stateDict() == whole.model.stateDict())
        }
    }

    @Test("a run that is killed after any step and resumed from within the epoch is the run that was never interrupted, bit by bit",
          arguments: [1, 2, 3, 4, 6, 8], [1, 2])
    func resumedWithinAnEpoch(step: Int, accumulated: Int) throws {
        try withTemporaryFolder { folder in
            func make(_ extra: [Callback]) -> Learner {
                makeLearner([Checkpointing(folder: folder + "/epochs"), GradientAccumulation(batches: accumulated)] + extra)
            }
            let whole = make([Recorder(), Checkpointing(folder: folder, keeping: .everySteps(1))])
            let expected = try losses(whole, epochs: 4)

            let killer = Recorder(), killed = make([killer, Checkpointing(folder: folder, keeping: .everySteps(1))])
            killed.callbacks.append(Recorder { name, learner in
                if name == "cleanupBatch", learner.stepCount == step, learner.stepped { killer.failing["beforeBatch"] = Cancel.fit(reason: "killed") }
                return nil
            })
            try killed.fit(epochs: 4)
            #expect(killed.stopReason == "killed" && killed.stepCount == step)

            let second = make([Recorder(), Checkpointing(folder: folder + "/second", keeping: .everySteps(1))])
            try second.resume(from: folder + "/checkpoint_step.safetensors")
            let rest = try losses(second, epochs: 4)

            #expect(!rest.isEmpty && rest == Array(expected.suffix(rest.count)) && rest.count < expected.count)
            #expect(second.metrics == whole.metrics && second.model.stateDict() == whole.model.stateDict())
            #expect(Checkpoint(of: second, epoch: 4, loss: 0) == Checkpoint(of: whole, epoch: 4, loss: 0))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/epochs").count == 4, "the same names, so the same means")
        }
    }

    #if os(Linux) || os(macOS)
    @Test("a process that the system kills leaves a file from which its run goes on as if nothing had happened, bit by bit") func killed() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let killer = Recorder { name, learner in
                if name == "beforeBatch", learner.phase == .train, learner.stepCount == 5 { kill(getpid(), SIGKILL) }
                return nil
            }
            try CheckpointTests().makeLearner([killer, Checkpointing(folder: folder, keeping: .everySteps(1))]).fit(epochs: 4)
        }

        let whole = makeLearner([Recorder(), Checkpointing(folder: folder + "/whole", keeping: .everySteps(1))])
        let expected = try losses(whole, epochs: 4)
        let resumed = makeLearner([Recorder(), Checkpointing(folder: folder + "/resumed", keeping: .everySteps(1))])
        try resumed.resume(from: folder + "/checkpoint_step.safetensors")
        #expect(resumed.stepCount == 5)
        let rest = try losses(resumed, epochs: 4)

        #expect(!rest.isEmpty && rest == Array(expected.suffix(rest.count)) && resumed.model.stateDict() == whole.model.stateDict())
    }
    #endif

    @Test("a checkpoint within an epoch says where, as version 2; one between epochs stays version 1") func places() throws {
        try withTemporaryFolder { folder in
            let learner = makeLearner([Checkpointing(folder: folder, keeping: .everySteps(2))])
            try learner.fit(epochs: 1)
            let within = try Checkpoint(contentsOf: folder + "/checkpoint_step.safetensors"), between = Checkpoint(of: learner, epoch: 1, loss: 0)

            #expect(within.progress.place?.batches == 2 && within.progress.place?.samples == 32 && within.epoch == 0)
            #expect(try Safetensors(within.encoded(), path: "x").metadata["version"] == "2")
            #expect(try Safetensors(between.encoded(), path: "x").metadata["version"] == "1" && between.progress.place == nil)
            #expect(try Checkpoint(within.encoded(), path: "x") == within)
        }
    }

    @Test("a checkpoint of version 2 is read for ever") func fixtureWithin() throws {
        let checkpoint = try Checkpoint(checkpointVersion2, path: "fixture")

        #expect(checkpoint.epoch == 3 && checkpoint.progress.place == Checkpoint.Place(batches: 2, loss: 2.5, samples: 4))
        #expect(try checkpoint.encoded() == checkpointVersion2)
    }

    @Test("a step's checkpoint that cannot be written ends the fit with the reason") func unwritableStep() {
        let learner = makeLearner([Checkpointing(folder: "/proc/nowhere", keeping: .everySteps(1))])
        #expect(throws: ModelFileError.self) { try learner.fit(epochs: 1) }
        #expect(learner.stepCount == 1)
    }

    @Test("the best file stays, its older ones go") func best() throws {
        try withTemporaryFolder { folder in
            let saving = Checkpointing(folder: folder, keeping: .best("loss", goal: .minimize))
            var values: [Double] = []
            let learner = makeLearner([Recorder { name, l in
                if name == "betweenEpochs" { values.append(l.metrics["loss"]!) }
                return nil
            }, saving])
            try learner.fit(epochs: 6)

            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            let bestEpoch = values.firstIndex(of: values.min()!)! + 1
            #expect(files.count == 1 && saving.files == ["\(folder)/\(files[0])"])
            #expect(files[0].hasPrefix("checkpoint_model_\(bestEpoch)_"))
            #expect(try Checkpoint(contentsOf: saving.files[0]).epoch == bestEpoch)
        }
    }

    @Test("file names and lines carry the batch means of loss and accuracy") func names() throws {
        try withTemporaryFolder { folder in
            var lines: [String] = [], sums = (loss: 0.0, accuracy: 0.0)
            let saving = Checkpointing(folder: folder) { lines.append($0) }
            let learner = makeLearner([Recorder { name, l in
                if name == "afterBatch", l.phase == .train {
                    sums.loss += l.lossValue
                    sums.accuracy += Double(correctCount(l.predictions, l.batch.y)!) / Double(l.batch.count)
                }
                return nil
            }, saving])
            try learner.fit(epochs: 1)

            #expect(saving.files == ["\(folder)/checkpoint_model_1_\(sums.loss / 3)_\(sums.accuracy / 3).safetensors"])
            #expect(lines == ["Epoch 001: | Loss: \((sums.loss / 3).rounded(to: 5)) | Acc: \((sums.accuracy / 3).rounded(to: 3))"])
            #expect(try Checkpoint(contentsOf: saving.files[0]).loss == sums.loss)
        }
    }

    @Test("a checkpoint is its file and its file is the checkpoint") func roundTrip() throws {
        let learner = makeLearner()
        try learner.fit(epochs: 1)
        var checkpoint = Checkpoint(of: learner, epoch: 1, loss: 0.5)
        checkpoint.callbacks["9.Made"] = CallbackState(numbers: ["best": [.infinity, -.infinity], "name \"x\"": []], tensors: StateDict([
            .init(name: "a/b.c", shape: [], values: .floats([1])), .init(name: "n", shape: [2], values: .integers([.min, .max])),
        ]))

        #expect(try Checkpoint(checkpoint.encoded(), path: "memory") == checkpoint)
        #expect(checkpoint.model.names.contains("1.num_batches_tracked") && checkpoint.optimizer.names.contains("mean.0.weight"))
        #expect(checkpoint.progress.randomStreams.keys.contains("3"))
    }

    @Test("the version written a release ago is still read") func fixture() throws {
        let checkpoint = try Checkpoint(checkpointVersion1, path: "fixture")

        #expect(checkpoint.epoch == 3 && checkpoint.loss == 1.25 && checkpoint.progress.stepCount == 12)
        #expect(checkpoint.model["weight"] == .init(name: "weight", shape: [1, 2], values: .floats([0.5, -1.5])))
        #expect(checkpoint.optimizer["velocity.bias"]?.values == .floats([0.25]))
        #expect(checkpoint.callbacks["1.EarlyStopping"]?.numbers["best"] == [0.75])
        #expect(try checkpoint.encoded() == checkpointVersion1)
    }

    @Test("every single changed byte of the numbers is noticed") func damage() throws {
        let learner = makeLearner()
        let data = try Checkpoint(of: learner, epoch: 1, loss: 0).encoded()
        let header = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }) + 8
        for place in stride(from: header, to: data.count, by: 97) {
            var changed = data
            changed[place] ^= 4
            #expect(throws: ModelFileError.self) { try Checkpoint(changed, path: "x") }
        }
    }

    @Test("cut or foreign files are refused with a reason") func refusals() throws {
        let data = try Checkpoint(of: makeLearner(), epoch: 1, loss: 0).encoded()
        for length in [0, 7, 8, 100, data.count - 1] {
            let error = #expect(throws: ModelFileError.self) { try Checkpoint(data.prefix(length), path: "x") }
            guard case .notSafetensors? = error else { Issue.record("\(length) bytes: \(String(describing: error))"); continue }
        }
        let plain = Safetensors(tensors: StateDict([.init(name: "a", shape: [1], values: .floats([1]))])).data
        #expect(throws: ModelFileError.notACheckpoint(path: "x")) { try Checkpoint(plain, path: "x") }
        var newer = try Safetensors(data, path: "x")
        newer.metadata["version"] = "3"
        #expect(throws: ModelFileError.newerVersion(path: "x", found: 3, known: 2)) { try Checkpoint(newer.data, path: "x") }
        #expect(throws: ModelFileError.self) { try Checkpoint(contentsOf: "/nowhere/at/all") }
    }

    @Test("a learner that was made otherwise is refused, and left as it was") func mismatches() throws {
        let checkpoint = Checkpoint(of: makeLearner(), epoch: 1, loss: 0)
        let cases: [(Learner, String)] = [
            (makeLearner(optimizer: .sgd), "The checkpoint was made with AdamW, the learner has SGD. Give the learner the same optimizer."),
            (makeLearner(seed: 4), "The checkpoint's training loader had 40 samples, batch size 16, shuffled with seed 3, the learner's has 40 samples, "
                + "batch size 16, shuffled with seed 4. Give it the same data, batch size and seed."),
        ]
        for (learner, message) in cases {
            let before = learner.model.stateDict()
            let error = #expect(throws: ModelFileError.self) { try learner.resume(checkpoint) }
            #expect(error.map { "\($0)" } == message && learner.model.stateDict() == before)
        }
        let fewer = makeLearner()
        fewer.callbacks.removeLast()
        #expect(throws: ModelFileError.otherCallbacks(missing: ["3.EarlyStopping"])) { try fewer.resume(checkpoint) }
    }

    @Test("a file that cannot be written leaves the old one") func unwritable() throws {
        let error = #expect(throws: ModelFileError.self) { try StateDict().write(to: "/nowhere/model.safetensors") }
        #expect(error.map { "\($0)" } == "/nowhere/model.safetensors could not be written: No such file or directory. The file that was there before is unchanged.")
    }

    @Test("the checksum is that of zip files") func checksum() {
        #expect(CRC32.of("123456789".utf8) == 0xCBF4_3926 && CRC32.of([]) == 0)
        var parts = CRC32()
        for part in ["123", "45678", "9"] { Array(part.utf8).withUnsafeBytes { parts.add($0) } }
        #expect(parts.value == 0xCBF4_3926)
    }
}
