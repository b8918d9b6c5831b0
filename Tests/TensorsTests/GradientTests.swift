import Testing
@testable import Tensors

@Suite("Gradients meet finite differences") struct GradientTests {
    static let elementwise: [(String, @Sendable (Tensor) -> Tensor)] = [
        ("neg", { -$0 }), ("exp", { $0.exp() }), ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }),
        ("gelu", { $0.gelu() }), ("gelu by tanh", { $0.gelu(approximate: true) }), ("square", { $0.square() }),
        ("softplus", { $0.softplus() }), ("sin", { $0.sin() }), ("cos", { $0.cos() }), ("pow 3", { $0.pow(3) }),
        ("scale and shift", { 2 - $0 * 3 + 1 }),
    ]

    @Test("of smooth elementwise operations", arguments: elementwise.indices) func smooth(_ index: Int) {
        let (name, function) = Self.elementwise[index]
        expectGradients(name, [sample([3, 5])]) { function($0[0]) }
        expectGradients("\(name) of a transposed view", [sample([3, 5])]) { function($0[0].transpose()) }
    }

    @Test("of operations with a kink, away from it") func kinks() {
        expectGradients("relu", [distinct([4, 5])]) { $0[0].relu() }
        expectGradients("leaky relu", [distinct([4, 5])]) { $0[0].leakyRelu(slope: 0.1) }
        expectGradients("abs", [distinct([4, 5])]) { $0[0].abs() }
        expectGradients("clamp", [distinct([4, 5])]) { $0[0].clamp(-0.75, 0.75) }
        expectGradients("max", [distinct([3, 4, 5])]) { $0[0].max([1]) }
        expectGradients("min", [distinct([3, 4, 5])]) { $0[0].min([0, 2]) }
        expectGradients("maximum", [distinct([3, 4]), distinct([4], seed: 3)]) { .maximum($0[0], $0[1] + 0.03) }
        expectGradients("minimum", [distinct([3, 4]), distinct([4], seed: 3)]) { .minimum($0[0], $0[1] + 0.03) }
    }

    @Test("of operations on positive numbers") func positive() {
        func x() -> Tensor { sample([3, 4]).abs().detach() + 0.5 }
        expectGradients("log", [x()]) { $0[0].log() }
        expectGradients("sqrt", [x()]) { $0[0].sqrt() }
        expectGradients("reciprocal", [x()]) { $0[0].reciprocal() }
        expectGradients("pow 1.5", [x()]) { $0[0].pow(1.5) }
        expectGradients("pow tensor", [x(), sample([4], seed: 2)]) { $0[0].pow($0[1]) }
    }

    @Test("of arithmetic, broadcasting included") func arithmetic() {
        let shapes: [(Shape, Shape)] = [([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([2, 3, 4], [3, 1]), ([], [2, 3]), ([5], [])]
        for (a, b) in shapes {
            expectGradients("\(a) + \(b)", [sample(a), sample(b, seed: 2)]) { $0[0] + $0[1] }
            expectGradients("\(a) − \(b)", [sample(a), sample(b, seed: 2)]) { $0[0] - $0[1] }
            expectGradients("\(a) × \(b)", [sample(a), sample(b, seed: 2)]) { $0[0] * $0[1] }
            expectGradients("\(a) ÷ \(b)", [sample(a), sample(b, seed: 2, mean: 5, std: 0.3)]) { $0[0] / $0[1] }
        }
    }

    @Test("of sums, means and variances") func reductions() {
        for dimensions in [nil, [0], [1], [2], [0, 1], [0, 2], [1, 2], [-1]] as [[Int]?] {
            let name = dimensions.map { "\($0)" } ?? "all"
            expectGradients("sum \(name)", [sample([2, 3, 4])]) { $0[0].sum(dimensions) }
            expectGradients("mean \(name)", [sample([2, 3, 4])]) { $0[0].mean(dimensions, keepDimensions: true) }
            expectGradients("variance \(name)", [sample([2, 3, 4])]) { $0[0].variance(dimensions) }
        }
        expectGradients("std", [sample([2, 6])]) { $0[0].std([1], unbiased: false) }
        expectGradients("logSumExp", [sample([3, 4])]) { $0[0].logSumExp(0) }
    }

    @Test("of views and joins") func views() {
        expectGradients("permute", [sample([2, 3, 4])]) { $0[0].permute(2, 0, 1) }
        expectGradients("flatten", [sample([2, 3, 4])]) { $0[0].flatten() }
        expectGradients("unsqueeze", [sample([2, 3])]) { $0[0].unsqueeze(1) * 2 }
        expectGradients("squeeze", [sample([2, 1, 3])]) { $0[0].squeeze(1) * 2 }
        expectGradients("contiguous", [sample([2, 3, 4])]) { $0[0].permute(2, 0, 1).contiguous() }
        expectGradients("reshape", [sample([2, 6])]) { $0[0].reshape([3, -1]) }
        expectGradients("reshape of a view", [sample([2, 3, 4])]) { $0[0].permute(2, 0, 1).reshape([4, 6] as Shape) }
        expectGradients("slice", [sample([4, 5])]) { $0[0].slice(1..<4, dimension: 1) }
        expectGradients("slice with steps", [sample([7, 2])]) { $0[0].slice(1..<7, step: 3) }
        expectGradients("index", [sample([4, 5])]) { $0[0][2] }
        expectGradients("expand", [sample([3, 1])]) { $0[0].expand([2, 3, 4]) }
        expectGradients("concatenate", [sample([2, 3]), sample([2, 2], seed: 2)]) { .concatenate($0, dimension: 1) }
        expectGradients("stack", [sample([2, 3]), sample([2, 3], seed: 2)]) { .stack($0, dimension: 1) }
        expectGradients("clone", [sample([2, 3])]) { $0[0].clone() }
    }

    @Test("of matrix products") func products() {
        expectGradients("matmul", [sample([3, 4]), sample([4, 5], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("matmul of views", [sample([4, 3]), sample([5, 4], seed: 2)]) { $0[0].transpose().matmul($0[1].transpose()) }
        expectGradients("batched", [sample([2, 3, 4]), sample([2, 4, 2], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("broadcast batch", [sample([2, 1, 3, 4]), sample([3, 4, 2], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("rows of a stack", [sample([2, 3, 4]), sample([4, 2], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("vectors", [sample([4]), sample([4], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("matrix · vector", [sample([3, 4]), sample([4], seed: 2)]) { $0[0].matmul($0[1]) }
        expectGradients("linear", [sample([3, 4]), sample([5, 4], seed: 2), sample([5], seed: 3)]) {
            .linear($0[0], weight: $0[1], bias: $0[2])
        }
        expectGradients("linear with relu", [sample([3, 4]), sample([5, 4], seed: 12), sample([5], seed: 3)], step: 1e-3, tolerance: 2e-2) {
            .linear($0[0], weight: $0[1], bias: $0[2], relu: true)
        }
    }

    static let convolutions: [(input: Shape, weight: Shape, stride: Size2D, padding: Size2D, dilation: Size2D, groups: Int)] = [
        ([2, 3, 6, 6], [4, 3, 3, 3], 1, 1, 1, 1), ([2, 3, 7, 6], [4, 3, 3, 3], 2, 1, 1, 1), ([1, 2, 5, 5], [3, 2, 3, 3], 2, 0, 1, 1),
        ([1, 2, 7, 7], [2, 2, 3, 3], 1, 2, 2, 1), ([2, 4, 5, 5], [6, 2, 3, 3], 1, 1, 1, 2), ([1, 3, 5, 5], [3, 1, 3, 3], 1, 1, 1, 3),
        ([2, 2, 4, 4], [5, 2, 1, 1], 1, 0, 1, 1), ([1, 2, 8, 6], [3, 2, 5, 2], Size2D(3, 2), Size2D(2, 1), 1, 1),
        ([1, 2, 9, 9], [2, 2, 3, 3], 3, 1, Size2D(2, 3), 1),
    ]

    @Test("of convolutions", arguments: convolutions.indices) func convolution(_ index: Int) {
        let c = Self.convolutions[index]
        let inputs = [sample(c.input), sample(c.weight, seed: 2), sample([c.weight[0]], seed: 3)]
        expectGradients("conv2d \(c)", inputs) {
            $0[0].conv2d($0[1], bias: $0[2], stride: c.stride, padding: c.padding, dilation: c.dilation, groups: c.groups)
        }
    }

    @Test("of a convolution with ReLU in the same pass") func convolutionWithReLU() {
        let inputs = [sample([2, 3, 5, 5]), sample([4, 3, 3, 3], seed: 2), sample([4], seed: 3)]
        expectGradients("conv2d relu", inputs, step: 1e-3, tolerance: 3e-2) { $0[0].conv2d($0[1], bias: $0[2], padding: 1, relu: true) }
    }

    @Test("of pooling") func pooling() {
        expectGradients("maxPool2d", [distinct([2, 3, 6, 7])], step: 5e-2) { $0[0].maxPool2d(2) }
        expectGradients("maxPool2d overlapping", [distinct([1, 2, 6, 6])], step: 5e-2) { $0[0].maxPool2d(3, stride: 2, padding: 1) }
        expectGradients("adaptive", [sample([2, 3, 5, 7])]) { $0[0].adaptiveAveragePool2d(Size2D(2, 3)) }
        expectGradients("adaptive to one", [sample([2, 3, 4, 4])]) { $0[0].adaptiveAveragePool2d(1) }
    }

    @Test("of normalisation") func normalization() {
        let weight = sample([3], seed: 2), bias = sample([3], seed: 3)
        expectGradients("batchNorm", [sample([2, 3, 4, 2]), weight, bias]) { $0[0].batchNorm(weight: $0[1], bias: $0[2]).output }
        expectGradients("batchNorm of rows", [sample([5, 3]), weight, bias]) { $0[0].batchNorm(weight: $0[1], bias: $0[2]).output }
        let fixed = (mean: sample([3], seed: 4), variance: Tensor([0.5, 1, 2]))
        expectGradients("batchNorm, fixed", [sample([2, 3, 2, 2]), weight, bias]) {
            $0[0].batchNorm(weight: $0[1], bias: $0[2], statistics: fixed).output
        }
        expectGradients("layerNorm", [sample([4, 3]), weight, bias]) { $0[0].layerNorm(weight: $0[1], bias: $0[2]) }
        expectGradients("layerNorm of two", [sample([2, 3, 4]), sample([3, 4], seed: 5)]) { $0[0].layerNorm(weight: $0[1], bias: nil, dimensions: 2) }
        expectGradients("layerNorm, plain", [sample([2, 6])]) { $0[0].layerNorm(weight: nil, bias: nil) }
    }

    @Test("of self-attention, causal or not") func attention() {
        for isCausal in [false, true] {
            expectGradients("selfAttention \(isCausal)", [sample([2, 5, 24])]) { .selfAttention($0[0], heads: 2, isCausal: isCausal) }
        }
    }

    @Test("of softmax and losses") func losses() {
        let labels = Tensor(labels: [1, 0, 3])
        expectGradients("softmax", [sample([3, 4])]) { $0[0].softmax() }
        expectGradients("softmax over rows", [sample([3, 4])]) { $0[0].softmax(0) }
        expectGradients("logSoftmax", [sample([3, 4])]) { $0[0].logSoftmax() }
        for reduction in Reduction.allCases {
            expectGradients("crossEntropy \(reduction)", [sample([3, 4])]) { $0[0].crossEntropy(labels, reduction: reduction) }
            expectGradients("smoothed \(reduction)", [sample([3, 4])]) { $0[0].crossEntropy(labels, smoothing: 0.2, reduction: reduction) }
            expectGradients("mse \(reduction)", [sample([3, 4])]) { $0[0].meanSquaredError(sample([3, 4], seed: 5), reduction: reduction) }
        }
        let soft = sample([3, 4], seed: 7).softmax()
        expectGradients("soft targets", [sample([3, 4])]) { $0[0].crossEntropy(soft, smoothing: 0.1) }
        expectGradients("nll", [sample([3, 4])]) { $0[0].negativeLogLikelihood(labels) }
        expectGradients("bce", [sample([3, 4])]) { $0[0].binaryCrossEntropy(logitsAgainst: soft, positiveWeight: 2) }
    }

    @Test("of lookups, masks and dropout") func lookups() {
        let indexes = Tensor([[0, 2], [2, 4]])
        expectGradients("gatherRows", [sample([5, 3])]) { $0[0].gatherRows(indexes) }
        expectGradients("picked", [sample([3, 4])]) { $0[0].picked(Tensor(labels: [3, 0, 1])) }
        let mask = Tensor([1, 0, 1, 0])
        expectGradients("choose", [sample([3, 4]), sample([4], seed: 2)]) { .choose(mask, $0[0], $0[1]) }
        expectGradients("masked", [sample([3, 4])]) { $0[0].masked(where: mask, with: -5) }
        expectGradients("dropout", [sample([6, 5])]) { $0[0].dropout(0.4, seed: 3, call: 1) }
    }
}
