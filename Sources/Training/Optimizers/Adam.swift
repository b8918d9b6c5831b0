import Tensors

/// Adam and AdamW: each parameter's own step size from running means of the gradient and of its square.
/// Sources: Kingma & Ba, *Adam* (2015); Loshchilov & Hutter, *Decoupled Weight Decay Regularization* (2019).
public final class Adam: Optimizer {
    /// How much of the running means of gradient and square is kept.
    public let betas: (Double, Double)
    /// What keeps the ratio finite, and what pulls parameters towards 0.
    public let epsilon, weightDecay: Double
    /// Whether weight decay shrinks the parameter (AdamW) or joins the gradient (Adam).
    public let isDecoupled: Bool

    /// As PyTorch's `Adam`, and `AdamW` if `isDecoupled`.
    public init(
        _ parameters: [NamedParameter], learningRate: Double, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0, isDecoupled: Bool = false
    ) {
        (self.betas, self.epsilon, self.weightDecay, self.isDecoupled) = (betas, epsilon, weightDecay, isDecoupled)
        super.init(parameters, learningRate: learningRate)
    }

    public override func update(_ parameter: Parameter, gradient: Tensor, at index: Int) {
        let step = Tensor.AdamStep(
            learningRate: Float(learningRate), beta1: Float(betas.0), beta2: Float(betas.1), epsilon: Float(epsilon),
            weightDecay: Float(weightDecay), decoupled: isDecoupled, number: steps[index])
        parameter.update(step, gradient: gradient, mean: slot("mean", at: index), square: slot("square", at: index))
    }
}
