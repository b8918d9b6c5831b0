import Tensors

/// Steps once for several batches, as if they had been one: for models whose large batch does not fit in memory.
///
/// Each batch's gradient counts 1 ÷ k, so equal batches give the step of one k times as large (without batch norm).
/// Fewer batches that are left at an epoch's end are stepped too, each counting its share.
public final class GradientAccumulation: Callback {
    /// How many batches make one step.
    public let batches: Int

    /// Steps once for `batches` batches.
    /// - Precondition: `batches` ≥ 1.
    public init(batches: Int) {
        precondition(batches >= 1, "GradientAccumulation: \(batches) batches; at least 1 is needed")
        self.batches = batches
    }

    public override func beforeBatch(_ learner: Learner) {
        let first = learner.batchIndex / batches * batches
        learner.gradientScale = 1 / Float(min(batches, learner.batchCount - first))
    }

    public override func afterBackward(_ learner: Learner) throws {
        let done = learner.batchIndex + 1
        if done % batches != 0 && done != learner.batchCount { throw Cancel.step }
    }

    public override func cleanupFit(_ learner: Learner) { learner.gradientScale = 1 }
}

/// Shortens gradients that are too long before the step: against single batches that throw a model off its way.
/// Source: Pascanu et al., *On the difficulty of training recurrent neural networks* (2013).
public final class GradientClipping: Callback {
    private enum Rule { case norm(Double), value(Float) }
    private let rule: Rule

    /// - Parameter norm: The greatest √Σg² over all gradients; longer ones are scaled, their direction stays.
    public init(norm: Double) {
        precondition(norm > 0, "GradientClipping: norm is \(norm); it must be above 0")
        rule = .norm(norm)
    }

    /// - Parameter value: The greatest magnitude of a single number.
    public init(value: Float) {
        precondition(value > 0, "GradientClipping: value is \(value); it must be above 0")
        rule = .value(value)
    }

    public override func beforeStep(_ learner: Learner) {
        let gradients = learner.namedParameters.compactMap(\.parameter.grad)
        switch rule {
        case .norm(let limit):
            // The small number keeps PyTorch's result, digit for digit.
            let factor = limit / (learner.gradientNorm + 1e-6)
            if factor < 1 { for gradient in gradients { gradient.scale(by: Float(factor)) } }
        case .value(let limit):
            for gradient in gradients {
                gradient.withMutableScalars { for place in $0.indices { $0[place] = min(max($0[place], -limit), limit) } }
            }
        }
    }
}

/// Ends the fit at the first training loss that is NaN or infinite, before it reaches the parameters.
public final class NaNStop: Callback {
    public override func afterLoss(_ learner: Learner) throws {
        guard learner.phase == .train, !learner.lossValue.isFinite else { return }
        throw Cancel.fit(reason: "the loss is \(learner.lossValue) at step \(learner.stepCount + 1), learning rate "
            + "\(learner.optimizer.learningRate). Lower the learning rate, clip gradients, or look at this batch's data; "
            + "the parameters are still those of the step before.")
    }
}
