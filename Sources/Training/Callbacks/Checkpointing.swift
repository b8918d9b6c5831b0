/// Saves the training between epochs: each, every k-th, or only the best.
///
/// Files are named `checkpoint_model_{epoch}_{loss}_{accuracy}.safetensors`, with the training pass's unweighted batch means,
/// epochs counted from 1. (`metrics["loss"]` is the mean over samples, in which a short last batch counts less.)
public final class Checkpointing: Callback {
    public enum Keeping: Sendable, Equatable {
        /// One file for every `k` epochs.
        case every(Int)
        /// Only the file of the best epoch so far, by a metric of the validation pass.
        case best(String, goal: PlateauDecay.Goal)
    }

    public let folder: String
    public let keeping: Keeping
    private let write: (String) -> Void
    /// Paths of the files that are kept.
    public private(set) var files: [String] = []
    private var best: [Double] = []
    private var lossSum = 0.0, accuracySum = 0.0, batches = 0

    /// - Parameters:
    ///   - folder: Is made if it is not there.
    ///   - write: Gets a line `Epoch 001: | Loss: 0.12345 | Acc: 0.987` each epoch.
    public init(folder: String = "saved", keeping: Keeping = .every(1), write: @escaping (String) -> Void = { _ in }) {
        if case .every(let k) = keeping { precondition(k >= 1, "Checkpointing: every \(k) epochs; it must be at least 1") }
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

    private func shouldSave(_ learner: Learner, _ epoch: Int) throws -> Bool {
        switch keeping {
        case .every(let k): return epoch % k == 0
        case .best(let metric, let goal):
            let value = try learner.metric(metric, askedBy: "Checkpointing")
            if let best = best.first, goal == .minimize ? value >= best : value <= best { return false }
            best = [value]
            return true
        }
    }

    public override var checkpointState: CallbackState { best.isEmpty ? CallbackState() : CallbackState(numbers: ["best": best]) }
    public override func restore(_ state: CallbackState) throws { best = state.numbers["best"] ?? [] }
}
