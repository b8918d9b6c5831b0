import Layers
import Tensors

/// Mean loss and accuracy of each pass, over samples: a short last batch counts less, so the result is that of the whole set.
///
/// Adds `accuracy` to the learner's metrics where targets are labels, or 0 and 1 for a single output.
open class TrackResults: Callback {
    private let write: (String) -> Void
    private var correct = 0, counted = 0

    /// - Parameter write: Gets the line `epoch, training, loss, accuracy` after each pass; `nil` writes nothing.
    public init(write: ((String) -> Void)? = nil) { self.write = write ?? { _ in } }

    open override var servesInference: Bool { true }

    open override func beforeEpoch(_ learner: Learner) { (correct, counted) = (0, 0) }

    open override func afterBatch(_ learner: Learner) {
        guard let hits = correctCount(learner.predictions, learner.batch.y) else { return }
        correct += hits
        counted += learner.batch.count
    }

    open override func afterEpoch(_ learner: Learner) {
        if counted > 0 { learner.metrics["accuracy"] = Double(correct) / Double(counted) }
        (correct, counted) = (0, 0)
        let values = ["loss", "accuracy"].compactMap { learner.metrics[$0] }
        write("\(learner.epoch), \(learner.phase == .train), \(values.map { "\($0)" }.joined(separator: ", "))")
    }

    /// What was counted, within an epoch.
    open override var checkpointState: CallbackState {
        counted == 0 ? CallbackState() : CallbackState(numbers: ["counts": [Double(correct), Double(counted)]])
    }

    open override func restore(_ state: CallbackState) throws {
        if let counts = state.numbers["counts"], counts.count == 2 { (correct, counted) = (Int(counts[0]), Int(counts[1])) }
    }
}

/// How many predictions are right: the greatest of several logits is the label's, or one logit is above 0 where the target is 1.
/// `nil` where shapes make it neither question.
public func correctCount(_ predictions: Tensor, _ targets: Tensor) -> Int? {
    if predictions.shape.count == 2, predictions.shape[1] > 1, targets.shape == [predictions.shape[0]] {
        let classes = predictions.shape[1]
        return predictions.withScalars { logits in
            targets.withScalars { labels in
                labels.indices.count { row in
                    let row = row, start = row * classes
                    var best = start
                    for place in start..<start + classes where logits[place] > logits[best] { best = place }
                    return best - start == Int(labels[row])
                }
            }
        }
    }
    guard predictions.count == targets.count, predictions.count == predictions.shape.first else { return nil }
    return predictions.withScalars { logits in
        targets.withScalars { answers in
            guard answers.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
            return answers.indices.count { (logits[$0] > 0) == (answers[$0] == 1) }
        }
    }
}
