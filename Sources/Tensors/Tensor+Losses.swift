import CKernels

/// How a loss becomes one number.
public enum Reduction: String, Sendable, CaseIterable {
    /// The mean over all examples (or elements).
    case mean
    /// The sum.
    case sum
    /// No reduction: one loss for each example (or element).
    case none
}

extension Tensor {
    package final func reduced(_ reduction: Reduction) -> Tensor {
        switch reduction {
        case .mean: mean()
        case .sum: sum()
        case .none: self
        }
    }

    /// The cross-entropy between logits `[batch, classes]` and targets: the negative log-likelihood of the true class.
    ///
    /// Computed as log Σ eˣ − x[label] from the logits, so it is finite for logits of any size.
    /// - Parameters:
    ///   - targets: Class indexes `[batch]`, or probabilities `[batch, classes]` (soft targets).
    ///   - smoothing: ε of label smoothing: targets become (1 − ε) · target + ε / classes.
    ///     Source: Szegedy et al., *Rethinking the Inception Architecture* (2016).
    ///   - ignoring: Examples with this label cost nothing and don't count in the mean.
    /// - Precondition: Each label is from 0 to classes − 1, or is the ignored one.
    public final func crossEntropy(
        _ targets: Tensor, smoothing: Float = 0, reduction: Reduction = .mean, ignoring: Int = -100
    ) -> Tensor {
        require(shape.count == 2, "crossEntropy: logits of shape \(shape), expected [batch, classes]. Move the classes last and reshape.")
        require(smoothing >= 0 && smoothing <= 1, "crossEntropy: smoothing \(smoothing) is not in 0...1")
        if targets.shape == shape { return softCrossEntropy(targets, smoothing, reduction) }
        require(targets.isVector(shape[0]), "crossEntropy: logits \(shape) and targets \(targets.shape). Give class indexes of shape "
                + "[\(shape[0])] or probabilities of shape \(shape).")
        return hardCrossEntropy(targets.contiguousElements(), smoothing, reduction, ignoring)
    }

    private func hardCrossEntropy(_ labels: Tensor, _ smoothing: Float, _ reduction: Reduction, _ ignoring: Int) -> Tensor {
        let (rows, classes, logits) = (shape[0], shape[1], contiguousElements())
        let losses = Tensor.uninitialized(Shape(rows)), softmax = Tensor.uninitialized(shape)
        let wrong = ck_cross_entropy(Int64(rows), Int64(classes), logits.pointer, labels.pointer, smoothing, Int64(ignoring),
                                     losses.pointer, softmax.pointer)
        require(wrong < 0, "crossEntropy: label \(labels.pointer[Int(Swift.max(0, wrong))]) of example \(wrong) is not one of \(classes) "
                + "classes. Labels count from 0 to \(classes - 1).")
        let scale = reduction == .mean ? 1 / Float(rows - labels.countOfScalars(equalTo: Float(ignoring))) : 1
        let result = switch reduction {
        case .none: losses
        case .sum: losses.sum()
        case .mean: losses.sum()
        }
        result.scale(by: scale)
        return result.recorded(from: self, keeping: (
            node: node, softmax: softmax, labels: labels, smoothing: smoothing, ignoring: ignoring,
            gradients: Int64(reduction == .none ? 1 : 0), scale: scale
        )) { kept, gradient, flow in
            let dx = Tensor.uninitialized(kept.softmax.shape), gradient = gradient.contiguousElements()
            ck_cross_entropy_gradient(Int64(dx.shape[0]), Int64(dx.shape[1]), kept.softmax.pointer, kept.labels.pointer, kept.smoothing,
                                      Int64(kept.ignoring), gradient.pointer, kept.gradients, kept.scale, dx.pointer)
            flow.add(dx, to: kept.node)
        }
    }

    private func countOfScalars(equalTo value: Float) -> Int {
        var found = 0
        for place in 0..<count where pointer[place] == value { found += 1 }
        return found
    }

    private func softCrossEntropy(_ targets: Tensor, _ smoothing: Float, _ reduction: Reduction) -> Tensor {
        let smooth = smoothing == 0 ? targets : targets * (1 - smoothing) + smoothing / Float(shape[1])
        return (-(smooth * logSoftmax())).sum([1]).reduced(reduction)
    }

    /// The negative log-likelihood of each target's entry, from log-probabilities `[batch, classes]`.
    public final func negativeLogLikelihood(_ targets: Tensor, reduction: Reduction = .mean) -> Tensor {
        require(shape.count == 2 && targets.shape == [shape[0]],
                "negativeLogLikelihood: log-probabilities \(shape) and targets \(targets.shape), expected [batch, classes] and [batch]")
        return (-picked(targets)).reduced(reduction)
    }

    /// The squared difference to `targets`, element by element.
    public final func meanSquaredError(_ targets: Tensor, reduction: Reduction = .mean) -> Tensor {
        require(shape == targets.shape, "meanSquaredError: predictions \(shape) and targets \(targets.shape) differ in shape. "
                + "Use unsqueeze or reshape; broadcasting here would hide a mistake.")
        switch reduction {
        case .none: return (self - targets).square()
        case .sum: return squaredErrors(targets, scale: 1)
        case .mean: return squaredErrors(targets, scale: 1 / Float(count))
        }
    }

    /// Difference, square, sum and scale in one operation, whose gradient is the difference with a factor.
    private func squaredErrors(_ targets: Tensor, scale: Float) -> Tensor {
        let difference = Tensor.combine(CK_SUB, self, targets), result = difference.square().sum()
        result.scale(by: scale)
        return result.recorded(from: self, targets, keeping: (
            predictions: node, targets: targets.node, difference: difference, scale: scale
        )) { kept, gradient, flow in
            let slope = 2 * (kept.scale * gradient.item)
            flow.add(kept.difference.affine(slope, 0), to: kept.predictions)
            flow.add(kept.difference.affine(-slope, 0), to: kept.targets)
        }
    }

    /// Binary cross-entropy between logits and targets from 0 to 1, stable for logits of any size.
    /// - Parameter positiveWeight: Multiplies the cost of positive examples.
    public final func binaryCrossEntropy(logitsAgainst targets: Tensor, positiveWeight: Float = 1, reduction: Reduction = .mean) -> Tensor {
        require(shape == targets.shape, "binaryCrossEntropy: logits \(shape) and targets \(targets.shape) differ in shape. "
                + "For logits [batch, 1] use targets.unsqueeze(1).")
        // −t·log σ(x) − (1−t)·log(1−σ(x)) = (1−t)·x + (1 + (w−1)·t)·softplus(−x)
        let weight = positiveWeight == 1 ? nil : targets * (positiveWeight - 1) + 1
        let tail = (-self).softplus()
        return ((1 - targets) * self + (weight.map { $0 * tail } ?? tail)).reduced(reduction)
    }
}
