import CKernels

// What optimizers do to one parameter, each in one pass over memory, outside the graph.

extension Tensor {
    /// The settings of one step of stochastic gradient descent.
    public struct SGDStep: Sendable {
        /// As the optimizer's settings of the same names.
        public var learningRate: Float, momentum: Float, dampening: Float, weightDecay: Float, nesterov: Bool
        /// Describes a step; see ``Tensor/update(_:gradient:velocity:isFirst:)``.
        public init(learningRate: Float, momentum: Float = 0, dampening: Float = 0, weightDecay: Float = 0, nesterov: Bool = false) {
            (self.learningRate, self.momentum, self.dampening) = (learningRate, momentum, dampening)
            (self.weightDecay, self.nesterov) = (weightDecay, nesterov)
        }
    }

    /// Subtracts `learningRate · (gradient + weightDecay · self)`, or with `velocity` the running mixture of such terms.
    /// - Parameter isFirst: The velocity has no history yet: it starts as the first term.
    public final func update(_ step: SGDStep, gradient: Tensor, velocity: Tensor? = nil, isFirst: Bool = false) {
        checkUpdate(gradient, velocity)
        var settings = ck_sgd(learning_rate: step.learningRate, momentum: step.momentum, dampening: step.dampening,
                              weight_decay: step.weightDecay, nesterov: step.nesterov, first: isFirst)
        if let product = gradient.storage.product {
            withExtendedLifetime(product) {
                var factors = product.kernelForm
                ck_update_sgd_by_product(&settings, &factors, velocity?.pointer, pointer)
            }
        } else {
            ck_update_sgd(&settings, Int64(count), gradient.pointer, velocity?.pointer, pointer)
        }
        storage.markChanged()
        velocity?.storage.markChanged()
    }

    /// The settings of one step of Adam or AdamW. Sources: Kingma, Ba, *Adam* (2015); Loshchilov, Hutter,
    /// *Decoupled Weight Decay Regularization* (2019).
    public struct AdamStep: Sendable {
        /// As the optimizer's settings of the same names.
        public var learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float
        /// Shrink the parameter itself (AdamW) instead of adding to the gradient (Adam).
        public var decoupled: Bool
        /// The number of this step, from 1.
        public var number: Int
        /// Describes a step.
        public init(learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0,
                    decoupled: Bool = false, number: Int) {
            (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
            (self.weightDecay, self.decoupled, self.number) = (weightDecay, decoupled, number)
        }
    }

    /// Moves by the ratio of the gradient's running mean to the root of its running square; both are updated.
    public final func update(_ step: AdamStep, gradient: Tensor, mean: Tensor, square: Tensor) {
        checkUpdate(gradient, mean)
        require(square.shape == shape, "update: running square of shape \(square.shape) for a parameter of shape \(shape)")
        var settings = ck_adam(
            learning_rate: step.learningRate, beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
            weight_decay: step.weightDecay, decoupled: step.decoupled,
            correction1: Float(1 - ck_power(Double(step.beta1), Int32(step.number))),
            correction2: Float(1 - ck_power(Double(step.beta2), Int32(step.number))))
        if let product = gradient.storage.product {
            withExtendedLifetime(product) {
                var factors = product.kernelForm
                ck_update_adam_by_product(&settings, &factors, mean.pointer, square.pointer, pointer)
            }
        } else {
            ck_update_adam(&settings, Int64(count), gradient.pointer, mean.pointer, square.pointer, pointer)
        }
        storage.markChanged()
        mean.storage.markChanged()
        square.storage.markChanged()
    }

    private func checkUpdate(_ gradient: Tensor, _ state: Tensor?) {
        require(gradient.shape == shape && (state?.shape ?? shape) == shape,
                "update: gradient of shape \(gradient.shape) for a parameter of shape \(shape)")
        require(isContiguous && gradient.isContiguous && state?.isContiguous ?? true, "update: elements are not in row-major order")
        // A part of a product is a gradient like any other.
        if gradient.storage.product != nil && gradient.count < gradient.storage.product!.count { _ = gradient.pointer }
    }

    /// Multiplies all elements in place, outside the graph; for clipping gradients.
    public final func scale(by factor: Float) {
        withMutableScalars { elements in for index in elements.indices { elements[index] *= factor } }
    }
}
