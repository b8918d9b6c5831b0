public import Layers
public import Tensors

extension Learner {
    /// Makes a learner whose loss is a module: `loss: CrossEntropyLoss(smoothing: 0.1)`.
    public convenience init(
        _ model: Module, _ loaders: DataLoaders, loss: Loss, learningRate: Double, callbacks: [Callback] = [],
        optimizer: OptimizerChoice = .sgd
    ) {
        self.init(model, loaders, loss: { loss($0, $1) }, learningRate: learningRate, callbacks: callbacks, optimizer: optimizer)
    }

    /// The metrics of one pass in evaluation mode, without gradients; over the validation set unless told otherwise.
    ///
    /// Runs those callbacks that serve inference, such as ``Normalize`` and ``TrackResults``. Twice gives the same numbers twice.
    /// - Throws: ``LearnerError/noValidation(askedBy:)`` without a loader, and what a pass throws.
    public func validate(on loader: DataLoader? = nil) throws -> [String: Double] {
        guard let loader = loader ?? loaders.valid else { throw LearnerError.noValidation(askedBy: "validate") }
        return try inferring {
            try evaluate(on: loader)
            return metrics
        }
    }

    /// What the model says about every sample of a loader, in order, in evaluation mode, without gradients.
    /// - Returns: `[samples, …]`
    public func predictions(for loader: DataLoader) throws -> Tensor {
        let collector = PredictionCollector()
        try inferring(with: collector) { try evaluate(on: loader) }
        return .concatenate(collector.parts)
    }

    private func inferring<Result>(with extra: Callback? = nil, _ body: () throws -> Result) rethrows -> Result {
        let all = callbacks
        callbacks = all.filter(\.servesInference) + (extra.map { [$0] } ?? [])
        defer { callbacks = all }
        return try body()
    }
}

private final class PredictionCollector: Callback {
    var parts: [Tensor] = []
    override func afterBatch(_ learner: Learner) { parts.append(learner.predictions) }
}
