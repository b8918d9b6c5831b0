public import Tensors

/// A module that compares predictions with targets: `criterion(outputs, labels)`.
open class Loss: Module {
    /// How the losses of the examples become one number.
    public let reduction: Reduction

    /// Makes the loss.
    public init(reduction: Reduction = .mean) { self.reduction = reduction }

    /// Computes the loss.
    open func forward(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        fatalError("\(type(of: self)) does not override forward(_:_:)")
    }

    /// Computes the loss.
    public final func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor { forward(predictions, targets) }
}

/// The squared difference, over all elements.
public final class MSELoss: Loss {
    public override func forward(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        predictions.meanSquaredError(targets, reduction: reduction)
    }
}

/// Cross-entropy between logits `[batch, classes]` and labels `[batch]` or probabilities `[batch, classes]`: the negative
/// logarithm of the likelihood of the labels, so its minimum is the maximum-likelihood model.
public final class CrossEntropyLoss: Loss {
    /// ε of label smoothing.
    public let smoothing: Float

    /// Makes the loss.
    public init(smoothing: Float = 0, reduction: Reduction = .mean) {
        self.smoothing = smoothing
        super.init(reduction: reduction)
    }

    public override func forward(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        logits.crossEntropy(targets, smoothing: smoothing, reduction: reduction)
    }
}

/// The negative of each label's entry in log-probabilities `[batch, classes]`.
public final class NLLLoss: Loss {
    public override func forward(_ logProbabilities: Tensor, _ targets: Tensor) -> Tensor {
        logProbabilities.negativeLogLikelihood(targets, reduction: reduction)
    }
}

/// Cross-entropy that weighs hard examples more: −α (1 − p)^γ log p, with p the probability of the true class.
/// Source: Lin et al., *Focal Loss for Dense Object Detection* (2017). γ = 0, α = 1 is cross-entropy.
public final class FocalLoss: Loss {
    /// How much easy examples are discounted.
    public let gamma: Float
    /// One weight for all classes, or one for each.
    public let alpha: [Float]

    /// Makes the loss.
    public init(gamma: Float = 2, alpha: [Float] = [1], reduction: Reduction = .mean) {
        (self.gamma, self.alpha) = (gamma, alpha)
        super.init(reduction: reduction)
    }

    public override func forward(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        require(alpha.count == 1 || alpha.count == logits.shape.last,
                     "FocalLoss: \(alpha.count) weights for \(logits.shape.last ?? 0) classes")
        let logP = logits.logSoftmax().picked(targets)
        let weights = alpha.count == 1 ? Tensor(alpha[0]) : Tensor(targets.labels.map { alpha[$0] })
        let hardness = gamma == 0 ? Tensor(1) : (1 - logP.exp()).clamp(0, 1).pow(gamma)
        return (-(weights * hardness * logP)).reduced(reduction)
    }
}

/// Binary cross-entropy between logits and targets 0 or 1 of the same shape.
public final class BCEWithLogitsLoss: Loss {
    /// Multiplies the cost of positive examples.
    public let positiveWeight: Float

    /// Makes the loss.
    public init(positiveWeight: Float = 1, reduction: Reduction = .mean) {
        self.positiveWeight = positiveWeight
        super.init(reduction: reduction)
    }

    public override func forward(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        logits.binaryCrossEntropy(logitsAgainst: targets, positiveWeight: positiveWeight, reduction: reduction)
    }
}
