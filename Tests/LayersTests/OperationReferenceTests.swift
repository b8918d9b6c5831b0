import Tensors
import Testing
@testable import Layers

/// Our operation for each case of the reference.
private nonisolated(unsafe) let operations: [String: ([Tensor]) -> Tensor] = {
    let mask = Tensor([1, 0, 1, 1]), labels = Tensor(labels: [0, 4, 2, 2, 1, 3])
    var table: [String: ([Tensor]) -> Tensor] = [
        "add": { $0[0] + $0[1] }, "subtract": { $0[0] - $0[1] }, "multiply": { $0[0] * $0[1] }, "divide": { $0[0] / $0[1] },
        "negate": { -$0[0] }, "pow 3": { $0[0].pow(3) }, "pow 1.5": { $0[0].pow(1.5) }, "pow tensor": { $0[0].pow($0[1]) },
        "exp": { $0[0].exp() }, "tanh": { $0[0].tanh() }, "sigmoid": { $0[0].sigmoid() }, "relu": { $0[0].relu() },
        "abs": { $0[0].abs() }, "sin": { $0[0].sin() }, "cos": { $0[0].cos() }, "square": { $0[0].square() },
        "log": { $0[0].log() }, "sqrt": { $0[0].sqrt() }, "reciprocal": { $0[0].reciprocal() },
        "gelu": { $0[0].gelu() }, "gelu tanh": { $0[0].gelu(approximate: true) }, "softplus": { $0[0].softplus() },
        "leaky relu": { $0[0].leakyRelu(slope: 0.1) }, "clamp": { $0[0].clamp(-0.5, 0.7) },
        "maximum": { .maximum($0[0], $0[1]) }, "minimum": { .minimum($0[0], $0[1]) },
        "matmul": { $0[0].matmul($0[1]) }, "matmul batched": { $0[0].matmul($0[1]) }, "matmul vectors": { $0[0].matmul($0[1]) },
        "linear": { .linear($0[0], weight: $0[1], bias: $0[2]) },
        "transpose": { $0[0].transpose(0, 2) * 2 }, "permute": { $0[0].permute(0, 3, 1, 2) + 1 },
        "reshape": { $0[0].permute(1, 0).reshape([2, 6] as Shape) }, "slice": { $0[0].slice(1..<7, dimension: 1, step: 2) },
        "index": { $0[0][2] }, "concatenate": { .concatenate($0, dimension: 1) }, "stack": { .stack($0, dimension: 1) },
        "expand": { $0[0].expand([4, 3, 5]) }, "sum all": { $0[0].sum() }, "sum 0 2": { $0[0].sum([0, 2]) },
        "mean 1 keep": { $0[0].mean([1], keepDimensions: true) }, "variance": { $0[0].variance([0, 2]) },
        "variance biased": { $0[0].variance([1], unbiased: false) }, "std all": { $0[0].std() },
        "max 1": { $0[0].max([1]) }, "min 2": { $0[0].min([2]) }, "max all": { $0[0].max() }, "log sum exp": { $0[0].logSumExp(1) },
        "softmax": { $0[0].softmax() }, "softmax 0": { $0[0].softmax(0) }, "log softmax": { $0[0].logSoftmax() },
        "where": { .choose(mask, $0[0], $0[1]) }, "masked fill": { $0[0].masked(where: mask, with: -3) },
        "gather rows": { $0[0].gatherRows(Tensor([[4, 0, 4], [2, 2, 2]])) }, "argmax": { $0[0].argmax(1) + 0 * $0[0].sum() },
        "argmin": { $0[0].argmin(0) + 0 * $0[0].sum([0]) }, "sign": { $0[0].sign() + 0 * $0[0] }, "one hot": { labels.oneHot(5) + 0 * $0[0] },
        "equals": { $0[0].sign().equals($0[1].sign()) + 0 * $0[0] }, "less": { ($0[0] .< $0[1]) + 0 * $0[0] },
        "less or equal": { ($0[0] .<= $0[1]) + 0 * $0[0] }, "greater": { ($0[0] .> $0[1]) + 0 * $0[0] },
        "greater or equal": { ($0[0] .>= $0[1]) + 0 * $0[0] }, "unsqueeze": { $0[0].unsqueeze(1) * 2 }, "squeeze": { $0[0].squeeze(1) * 2 },
        "contiguous": { $0[0].permute(2, 0, 1).contiguous() * 2 }, "flatten": { $0[0].flatten() * 2 }, "picked": { $0[0].picked(labels) },
        "conv2d relu": { $0[0].conv2d($0[1], bias: $0[2], stride: 2, padding: 1, relu: true) },
        "max pool 2": { $0[0].maxPool2d(2) }, "max pool 3 2 1": { $0[0].maxPool2d(3, stride: 2, padding: 1) },
        "adaptive pool 1": { $0[0].adaptiveAveragePool2d(1) }, "adaptive pool 3 2": { $0[0].adaptiveAveragePool2d(Size2D(3, 2)) },
        "mean of height and width": { $0[0].mean([2, 3]) },
        "cross entropy huge": { $0[0].crossEntropy(Tensor(labels: [1, 2])) },
        "cross entropy ignoring": { $0[0].crossEntropy(Tensor(labels: [0, -100, 2, 2, -100, 3])) },
    ]
    let convolutions: [(String, Size2D, Size2D, Size2D, Int)] = [
        ("[2, 3, 16, 16] [16, 3, 3, 3]", 1, 1, 1, 1), ("[2, 16, 9, 8] [32, 16, 3, 3]", 2, 1, 1, 1),
        ("[2, 5, 7, 9] [7, 5, 5, 3]", Size2D(2, 1), Size2D(2, 1), 1, 1), ("[1, 8, 12, 12] [12, 4, 3, 3]", 1, 2, 2, 2),
        ("[2, 6, 8, 8] [6, 1, 3, 3]", 1, 1, 1, 6), ("[3, 10, 5, 5] [40, 10, 1, 1]", 1, 0, 1, 1),
        ("[2, 4, 11, 10] [33, 4, 3, 3]", 3, 1, Size2D(2, 1), 1), ("[2, 3, 17, 17] [4, 3, 7, 7]", 2, 3, 1, 1),
    ]
    for (name, stride, padding, dilation, groups) in convolutions {
        table["conv2d \(name)"] = { $0[0].conv2d($0[1], bias: $0[2], stride: stride, padding: padding, dilation: dilation, groups: groups) }
    }
    for reduction in Reduction.allCases {
        table["mse \(reduction)"] = { MSELoss(reduction: reduction)($0[0], $0[1]) }
        table["cross entropy \(reduction)"] = { CrossEntropyLoss(reduction: reduction)($0[0], labels) }
        table["cross entropy smooth \(reduction)"] = { CrossEntropyLoss(smoothing: 0.1, reduction: reduction)($0[0], labels) }
        table["focal \(reduction)"] = { FocalLoss(gamma: 2, alpha: [0.5, 1, 2, 1, 0.25], reduction: reduction)($0[0], labels) }
        table["nll \(reduction)"] = { NLLLoss(reduction: reduction)($0[0].logSoftmax(), labels) }
    }
    return table
}()

@Suite("Operations and losses equal PyTorch", .enabled(if: ReferenceFile.isPresent, "TRACK_REFERENCE_DIR is not set: not compared with PyTorch"))
struct OperationReferenceTests {
    @Test("outputs to 1e-5 (squared errors to 1e-6), gradients to 1e-4, every case of the reference, on each instruction set") func operationsAndLosses() throws {
        let reference = try ReferenceFile()
        // Soft targets are the second input of the first loss with them.
        let soft = try reference.tensor(#require(reference.cases.first { $0.name == "mse mean" }).inputs[1])
        var table = operations
        for reduction in Reduction.allCases {
            table["cross entropy soft \(reduction)"] = { CrossEntropyLoss(smoothing: 0.1, reduction: reduction)($0[0], soft) }
            table["bce \(reduction)"] = { BCEWithLogitsLoss(reduction: reduction)($0[0], soft) }
            table["bce weighted \(reduction)"] = { BCEWithLogitsLoss(positiveWeight: 3, reduction: reduction)($0[0], soft) }
        }
        let cases = reference.cases.filter { $0.kind == "operation" }

        #expect(Set(cases.map(\.name)) == Set(table.keys), "the reference and this test list different cases")
        try onEachPath { path in
            for item in cases { try expectEqual(try #require(table[item.name]), item, reference, on: path) }
        }
    }

    private func expectEqual(_ operation: ([Tensor]) -> Tensor, _ item: ReferenceFile.Case, _ reference: ReferenceFile, on path: Compute.Path) throws {
        let name = "\(item.name) on \(path)", inputs = item.inputs.map { reference.tensor($0).requiresGrad(true) }
        let output = operation(inputs)
        output.backward(gradient: reference.tensor(item.gradient))
        expectEqualTensors(output, reference.tensor(item.output), item.name.hasPrefix("mse") ? 1e-6 : 1e-5, name)
        for (number, (input, grad)) in zip(inputs, item.grads).enumerated() {
            guard let grad else { continue }
            let ours = try #require(input.grad, "\(name): no gradient of input \(number)")
            expectEqualTensors(ours, reference.tensor(grad), 1e-4, "\(name), gradient \(number)")
        }
    }
}

/// Shapes are equal, and the largest difference is within `tolerance` of the largest number; numbers below `least`
/// count as that much.
func expectEqualTensors(_ ours: Tensor, _ theirs: Tensor, _ tolerance: Float, _ name: String, least: Float = 1e-2, sourceLocation: SourceLocation = #_sourceLocation) {
    guard ours.shape == theirs.shape else {
        Issue.record("\(name): shape \(ours.shape), PyTorch \(theirs.shape)", sourceLocation: sourceLocation)
        return
    }
    let scale = max(least, theirs.scalars.map { abs($0) }.max() ?? 1)
    let worst = zip(ours.scalars, theirs.scalars).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * scale, "\(name): differs by \(worst), numbers up to \(scale)", sourceLocation: sourceLocation)
}
