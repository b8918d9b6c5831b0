import Tensors

/// Stochastic gradient descent: `p −= lr · (grad + weightDecay · p)`, on request with momentum, as PyTorch computes it.
/// Sources: Robbins & Monro (1951); Sutskever et al., *On the importance of initialization and momentum* (2013).
public final class SGD: Optimizer {
    /// As given.
    public let momentum, dampening, weightDecay: Double
    /// Whether a step looks ahead.
    public let nesterov: Bool

    /// - Parameters:
    ///   - momentum: The share of the last direction that is kept; 0.9 is usual, 0 needs no memory.
    ///   - dampening: The share of a new gradient that is left out of the direction.
    ///   - weightDecay: Pulls each parameter towards 0; per unit of learning rate.
    ///   - nesterov: Looks one step ahead; needs momentum and no dampening.
    public init(
        _ parameters: [NamedParameter], learningRate: Double, momentum: Double = 0, dampening: Double = 0,
        weightDecay: Double = 0, nesterov: Bool = false
    ) {
        precondition(
            !nesterov || (momentum > 0 && dampening == 0),
            "SGD: nesterov needs momentum above 0 and dampening 0; they are \(momentum) and \(dampening)")
        (self.momentum, self.dampening, self.weightDecay, self.nesterov) = (momentum, dampening, weightDecay, nesterov)
        super.init(parameters, learningRate: learningRate)
    }

    public override func update(_ parameter: Parameter, gradient: Tensor, at index: Int) {
        let step = Tensor.SGDStep(
            learningRate: Float(learningRate), momentum: Float(momentum), dampening: Float(dampening),
            weightDecay: Float(weightDecay), nesterov: nesterov)
        parameter.update(
            step, gradient: gradient, velocity: momentum == 0 ? nil : slot("velocity", at: index), isFirst: steps[index] == 1)
    }
}
