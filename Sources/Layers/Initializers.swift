public import Tensors

/// How a weight gets its first values.
public enum Initializer: Sendable {
    /// Normal with σ = √(2 / fan-in), for layers before a ReLU.
    /// Source: He et al., *Delving Deep into Rectifiers* (2015).
    case kaimingNormal
    /// Normal with σ = √(2 / (fan-in + fan-out)), for layers before sigmoid, tanh or nothing.
    /// Source: Glorot, Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010).
    case xavierNormal
    /// Even between ±√(6 / (fan-in + fan-out)).
    case xavierUniform
    /// Even between ±1 / √fan-in: PyTorch's default for linear and convolution layers.
    case uniformFanIn
    /// Normal with mean 0.
    case normal(std: Float)
    case constant(Float)

    /// Makes a weight `[out, in, …]`; fans count the sizes after the second too.
    public func callAsFunction(_ shape: Shape, using stream: inout RandomStream) -> Tensor {
        let area = shape.dropFirst(2).reduce(1, *)
        let fanIn = Float((shape.count > 1 ? shape[1] : shape.first ?? 1) * area), fanOut = Float((shape.first ?? 1) * area)
        switch self {
        case .kaimingNormal: return .randn(shape, std: (2 / fanIn).squareRoot(), using: &stream)
        case .xavierNormal: return .randn(shape, std: (2 / (fanIn + fanOut)).squareRoot(), using: &stream)
        case .xavierUniform:
            let bound = (6 / (fanIn + fanOut)).squareRoot()
            return .rand(shape, in: -bound..<bound, using: &stream)
        case .uniformFanIn:
            let bound = 1 / fanIn.squareRoot()
            return .rand(shape, in: -bound..<bound, using: &stream)
        case .normal(let std): return .randn(shape, std: std, using: &stream)
        case .constant(let value): return .full(shape, value)
        }
    }

    /// Makes a weight from the process's random numbers; see `setRandomSeed`.
    public func callAsFunction(_ shape: Shape) -> Tensor {
        var stream = makeRandomStream()
        return self(shape, using: &stream)
    }
}
