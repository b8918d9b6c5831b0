import Tensors

/// A parameter with the name that its model gives it, such as `layers.0.weight`.
public struct NamedParameter {
    /// The path in the model.
    public let name: String
    /// The tensor itself.
    public let parameter: Parameter
    /// Pairs them.
    public init(name: String, parameter: Parameter) { (self.name, self.parameter) = (name, parameter) }
}

/// Changes parameters by their gradients.
///
/// A subclass overrides ``update(_:at:)`` and keeps what it needs between steps in ``state``, so that checkpoints hold it.
open class Optimizer {
    /// In the model's order.
    public let parameters: [NamedParameter]
    /// What the next step uses. Schedules set it.
    public var learningRate: Double
    /// Steps each parameter has taken; one that was frozen for a while has fewer.
    public internal(set) var steps: [Int]
    /// Tensors that live from step to step, by slot (`velocity`), then by parameter; empty until the first step.
    public var state: [String: [Tensor?]] = [:]

    /// An optimizer of these parameters; frozen ones may be among them.
    public init(_ parameters: [NamedParameter], learningRate: Double) {
        (self.parameters, self.learningRate) = (parameters, learningRate)
        steps = Array(repeating: 0, count: parameters.count)
    }

    /// Updates every parameter that has a gradient, then forgets the gradients. Frozen parameters have none and stay, bit by bit.
    public final func step() {
        for index in parameters.indices {
            let parameter = parameters[index].parameter
            guard let gradient = parameter.grad else { continue }
            steps[index] += 1
            update(parameter, gradient: gradient, at: index)
            parameter.zeroGrad()
        }
    }

    /// Forgets all gradients without a step.
    public final func zeroGradients() { for named in parameters { named.parameter.zeroGrad() } }

    /// Changes one parameter; `steps[index]` already counts this step.
    open func update(_ parameter: Parameter, gradient: Tensor, at index: Int) {}

    /// The tensor of a slot that belongs to a parameter, zeros when first asked for.
    public final func slot(_ name: String, at index: Int) -> Tensor {
        if let known = state[name]?[index] { return known }
        let fresh = Tensor.zeros(parameters[index].parameter.shape)
        state[name, default: Array(repeating: nil, count: parameters.count)][index] = fresh
        return fresh
    }
}

/// Which optimizer a learner makes once its parameters are known.
public struct OptimizerChoice: Sendable {
    /// As configurations show it.
    public let name: String
    /// Makes it, for each fit anew.
    public let make: @Sendable (_ parameters: [NamedParameter], _ learningRate: Double) -> Optimizer

    /// An optimizer of your own.
    public init(_ name: String, make: @escaping @Sendable (_ parameters: [NamedParameter], _ learningRate: Double) -> Optimizer) {
        (self.name, self.make) = (name, make)
    }

    /// Stochastic gradient descent.
    public static var sgd: OptimizerChoice { .sgd() }

    /// Stochastic gradient descent; see ``SGD``.
    public static func sgd(
        momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false
    ) -> OptimizerChoice {
        OptimizerChoice("SGD") {
            SGD($0, learningRate: $1, momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: nesterov)
        }
    }

    /// Adam; see ``Adam``.
    public static func adam(betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0) -> OptimizerChoice {
        OptimizerChoice("Adam") { Adam($0, learningRate: $1, betas: betas, epsilon: epsilon, weightDecay: weightDecay) }
    }

    /// Adam whose weight decay shrinks the parameters themselves; see ``Adam``.
    public static func adamW(betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0.01) -> OptimizerChoice {
        OptimizerChoice("AdamW") {
            Adam($0, learningRate: $1, betas: betas, epsilon: epsilon, weightDecay: weightDecay, isDecoupled: true)
        }
    }
}
