public import Tensors

/// Scaled dot-product attention in several heads, over `[batch, time, width]`.
/// Source: Vaswani et al., *Attention Is All You Need* (2017). Names and shapes are those of PyTorch's module.
public final class MultiHeadAttention: Module {
    /// Queries, keys and values in one matrix, `[3 · width, width]`.
    public let inProjWeight: Parameter, inProjBias: Parameter
    /// Joins the heads, `[width, width]`.
    public let outProj: Linear
    /// How many parts attend on their own.
    public let heads: Int
    /// Whether each place sees only itself and earlier ones.
    public let isCausal: Bool

    /// Makes the layer.
    /// - Precondition: `width` divides by `heads`.
    public init(_ width: Int, heads: Int, isCausal: Bool = false) {
        require(heads > 0 && width % heads == 0, "MultiHeadAttention: width \(width) does not divide into \(heads) heads")
        inProjWeight = Parameter(Initializer.xavierUniform([3 * width, width]))
        inProjBias = Parameter(.zeros([3 * width]))
        outProj = Linear(width, width)
        (self.heads, self.isCausal) = (heads, isCausal)
    }

    /// Self-attention: every place looks at all places of the same example.
    public override func forward(_ x: Tensor) -> Tensor {
        require(x.shape.count == 3, "MultiHeadAttention: input \(x.shape), expected [batch, time, width]")
        let joint = Tensor.linear(x, weight: inProjWeight, bias: inProjBias)
        return outProj(.selfAttention(joint, heads: heads, isCausal: isCausal))
    }

    /// Attention of `query` over `key` and `value`.
    /// - Parameter mask: 1 where a query must not look, `[queries, keys]` or broadcasting to `[batch, heads, queries, keys]`.
    public func callAsFunction(query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil) -> Tensor {
        let width = query.shape[2]
        let parts = [query, key, value].enumerated().map { place, x in
            let rows = place * width..<(place + 1) * width
            return split(.linear(x, weight: inProjWeight.slice(rows).contiguous(), bias: inProjBias.slice(rows).contiguous()))
        }
        return join(attend(parts[0], parts[1], parts[2], mask: mask))
    }

    /// `[batch, time, width]` to `[batch, heads, time, width / heads]`.
    private func split(_ x: Tensor) -> Tensor {
        x.reshape([x.shape[0], x.shape[1], heads, x.shape[2] / heads] as Shape).permute(0, 2, 1, 3)
    }

    private func join(_ x: Tensor) -> Tensor {
        outProj(x.permute(0, 2, 1, 3).reshape([x.shape[0], x.shape[2], heads * x.shape[3]] as Shape))
    }

    private func attend(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?) -> Tensor {
        var scores = (q * (1 / Float(q.shape[3]).squareRoot())).matmul(k.transpose())
        if isCausal { scores = scores.masked(where: causalMask(q.shape[2], k.shape[2]), with: -.infinity) }
        if let mask { scores = scores.masked(where: mask, with: -.infinity) }
        return scores.softmax().matmul(v)
    }

    private func causalMask(_ queries: Int, _ keys: Int) -> Tensor {
        Tensor((0..<queries * keys).map { $0 % keys > $0 / keys ? 1 : 0 }, shape: [queries, keys])
    }
}
