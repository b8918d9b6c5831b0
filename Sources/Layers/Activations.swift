public import Tensors

/// max(x, 0).
public final class ReLU: Module {
    public override init() {}
    public override func forward(_ x: Tensor) -> Tensor { x.relu() }
}

/// x · Φ(x); see `Tensor.gelu`.
public final class GELU: Module {
    /// Whether the tanh formula is used.
    public let approximate: Bool
    /// Makes the layer.
    public init(approximate: Bool = false) { self.approximate = approximate }
    public override func forward(_ x: Tensor) -> Tensor { x.gelu(approximate: approximate) }
}

/// The hyperbolic tangent.
public final class Tanh: Module {
    public override init() {}
    public override func forward(_ x: Tensor) -> Tensor { x.tanh() }
}

/// 1 / (1 + e⁻ˣ).
public final class Sigmoid: Module {
    public override init() {}
    public override func forward(_ x: Tensor) -> Tensor { x.sigmoid() }
}

/// Joins all dimensions but the first: `[n, c, h, w]` becomes `[n, c·h·w]`.
public final class Flatten: Module {
    public override init() {}
    public override func forward(_ x: Tensor) -> Tensor { x.flatten() }
}

/// In training, zeroes elements with a probability and scales the rest; in evaluation passes everything.
public final class Dropout: Module, RandomState {
    /// The share of elements that are dropped, 0 up to but not 1.
    public let probability: Float
    /// The layer's own stream and its place, which a checkpoint keeps so that a resumed run drops the same elements.
    public var randomStream: RandomStream

    /// Makes the layer; `seed` chooses its stream, by default one from the process's random numbers.
    public init(_ probability: Float = 0.5, seed: UInt64? = nil) {
        require(probability >= 0 && probability < 1, "Dropout(\(probability)): the probability is not in 0..<1")
        self.probability = probability
        randomStream = seed.map { RandomStream(seed: $0) } ?? makeRandomStream()
    }

    public override func forward(_ x: Tensor) -> Tensor {
        if !isTraining || probability == 0 { return x }
        return x.dropout(probability, seed: randomStream.next(), call: 0)
    }
}

/// A module with random numbers of its own.
public protocol RandomState: Module {
    /// The stream and its place.
    var randomStream: RandomStream { get set }
}

extension Module {
    /// The random streams inside, by the module's path; for checkpoints.
    public final var randomStreams: [String: RandomStream] {
        get {
            var streams: [String: RandomStream] = [:]
            for (name, module) in namedModules() { if let module = module as? any RandomState { streams[name] = module.randomStream } }
            return streams
        }
        set {
            for (name, module) in namedModules() {
                if let module = module as? any RandomState, let stream = newValue[name] { module.randomStream = stream }
            }
        }
    }
}
