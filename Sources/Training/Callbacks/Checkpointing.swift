/// Saves the training between epochs (each, every k-th, or only the best), or within them, every so many steps.
///
/// Files are named `checkpoint_model_{epoch}_{loss}_{accuracy}.safetensors`, with the training pass's unweighted batch means,
/// epochs counted from 1. (`metrics["loss"]` is the mean over samples, in which a short last batch counts less.)
public final class Checkpointing: Callback {
    /// Which moments leave a file.
    public enum Keeping: Sendable, Equatable {
        /// One file for every `k` epochs.
        case every(Int)
        /// One file, `checkpoint_step.safetensors`, written anew after every `k` optimizer steps: for epochs that take hours.
        case everySteps(Int)
        /// Only the file of the best epoch so far, by a metric of the validation pass.
        case best(String, goal: PlateauDecay.Goal)
    }

    /// Where files go.
    public let folder: String
    /// As given.
    public let keeping: Keeping
    private let write: (String) -> Void
    /// Paths of the files that are kept.
    public private(set) var files: [String] = []
    private var best: [Double] = []
    private var lossSum = 0.0, accuracySum = 0.0, batches = 0
    private var failure: (any Error)?

    /// - Parameters:
    ///   - folder: Is made if it is not there.
    ///   - write: Gets a line `Epoch 001: | Loss: 0.12345 | Acc: 0.987` each epoch.
    public init(folder: String = "saved", keeping: Keeping = .every(1), write: @escaping (String) -> Void = { _ in }) {
        switch keeping {
        case .every(let k): precondition(k >= 1, "Checkpointing: every \(k) epochs; it must be at least 1")
        case .everySteps(let k): precondition(k >= 1, "Checkpointing: every \(k) steps; it must be at least 1")
        case .best: break
        }
        (self.folder, self.keeping, self.write) = (folder, keeping, write)
    }

    public override func beforeEpoch(_ learner: Learner) {
        if learner.phase == .train { (lossSum, accuracySum, batches) = (0, 0, 0) }
    }

    public override func afterBatch(_ learner: Learner) {
        guard learner.phase == .train else { return }
        lossSum += learner.lossValue
        batches += 1
        if let correct = correctCount(learner.predictions, learner.batch.y) { accuracySum += Double(correct) / Double(learner.batch.count) }
    }

    public override func betweenEpochs(_ learner: Learner) throws {
        let epoch = learner.epoch + 1, loss = lossSum / Double(max(1, batches)), accuracy = accuracySum / Double(max(1, batches))
        let number = String(repeating: "0", count: max(0, 3 - "\(epoch)".count)) + "\(epoch)"
        (accuracySum, batches) = (0, 0)
        write("Epoch \(number): | Loss: \(loss.rounded(to: 5)) | Acc: \(accuracy.rounded(to: 3))")
        guard try shouldSave(learner, epoch) else { return }
        try makeFolder(folder)
        let path = "\(folder)/checkpoint_model_\(epoch)_\(loss)_\(accuracy).safetensors"
        try Checkpoint(of: learner, epoch: epoch, loss: lossSum).write(to: path)
        if case .best = keeping {
            for old in files where old != path { try removeFile(old) }
            files = []
        }
        files.append(path)
    }

    /// After a batch's last hook, so that other callbacks have seen the batch wherever they stand in the list.
    public override func cleanupBatch(_ learner: Learner) {
        guard case .everySteps(let k) = keeping, learner.isBatchDone, learner.stepped, learner.stepCount.isMultiple(of: k) else { return }
        do { files = [try writeStep(learner)] } catch { failure = error }
    }

    private func writeStep(_ learner: Learner) throws -> String {
        try makeFolder(folder)
        let path = "\(folder)/checkpoint_step.safetensors"
        try Checkpoint(within: learner).write(to: path)
        return path
    }

    /// Saves now, whatever the rule says, into the file of ``Keeping/everySteps(_:)``: for the `cleanupBatch` of another callback that stands behind this one.
    /// - Returns: The file's path; `nil` if no optimizer step has just been done, as in validation. Then ask again after the next batch.
    /// - Throws: ``ModelFileError`` if the file cannot be written; the fit may go on.
    public func save(_ learner: Learner) throws -> String? {
        learner.phase == .train && learner.isBatchDone && learner.stepped ? try writeStep(learner) : nil
    }

    /// A file that could not be written ends the fit, one batch later than it happened: cleaning up cannot fail.
    public override func beforeBatch(_ learner: Learner) throws { try throwFailure() }
    public override func afterEpoch(_ learner: Learner) throws { try throwFailure() }

    private func throwFailure() throws {
        guard let error = failure else { return }
        failure = nil
        throw error
    }

    private func shouldSave(_ learner: Learner, _ epoch: Int) throws -> Bool {
        switch keeping {
        case .every(let k): return epoch % k == 0
        case .everySteps: return false
        case .best(let metric, let goal):
            let value = try learner.metric(metric, askedBy: "Checkpointing")
            if let best = best.first, goal == .minimize ? value >= best : value <= best { return false }
            best = [value]
            return true
        }
    }

    public override var checkpointState: CallbackState {
        var numbers: [String: [Double]] = best.isEmpty ? [:] : ["best": best]
        if batches > 0 { numbers["sums"] = [lossSum, accuracySum, Double(batches)] }
        return CallbackState(numbers: numbers)
    }

    public override func restore(_ state: CallbackState) throws {
        best = state.numbers["best"] ?? []
        if let sums = state.numbers["sums"], sums.count == 3 { (lossSum, accuracySum, batches) = (sums[0], sums[1], Int(sums[2])) }
    }
}
