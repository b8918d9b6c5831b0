public import Tensors

/// A layer that can cut its result to positive values in the same pass.
protocol FusesReLU: Module {
    func forward(_ x: Tensor, relu: Bool) -> Tensor
}

/// x · wᵀ + b: `[…, inputs]` becomes `[…, outputs]`. Weight `[outputs, inputs]`, Xavier normal; bias starts at 0.
public final class Linear: Module, FusesReLU {
    /// `[outputs, inputs]`.
    public let weight: Parameter
    /// `[outputs]`; `nil` without.
    public let bias: Parameter?

    /// Makes the layer with its first weights.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer = .xavierNormal) {
        weight = Parameter(initializer([outputs, inputs]))
        self.bias = bias ? Parameter(.zeros([outputs])) : nil
    }

    public override func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }
    func forward(_ x: Tensor, relu: Bool) -> Tensor { .linear(x, weight: weight, bias: bias, relu: relu) }
}

/// Rows of a trained table by index: `[…]` whole numbers become `[…, width]`. Weight `[count, width]`, normal with σ = 1.
public final class Embedding: Module {
    /// The table, `[count, width]`.
    public let weight: Parameter

    /// Makes a table of `count` rows.
    public init(_ count: Int, _ width: Int, initializer: Initializer = .normal(std: 1)) {
        weight = Parameter(initializer([count, width]))
    }

    public override func forward(_ indexes: Tensor) -> Tensor { weight.gatherRows(indexes) }
}
