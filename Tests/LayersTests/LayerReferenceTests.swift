import Tensors
import Testing
@testable import Layers

/// A block of the example network with 25 entries.
private func block(_ inputs: Int, _ outputs: Int) -> Sequential {
    Sequential(Conv2d(inputs, outputs, kernel: 3, stride: 2), BatchNorm2d(outputs), ReLU(), MaxPool2d(2))
}

final class TwentyFiveEntries: Module {
    let layer1 = block(3, 16), layer2 = block(16, 32), layer3 = block(32, 64)
    let dropOut = Dropout(0), fc1: Linear, fc2: Linear

    init(hidden: Int = 1000) {
        fc1 = Linear(576, hidden)
        fc2 = Linear(hidden, 1)
    }

    override func forward(_ x: Tensor) -> Tensor { fc2(fc1(dropOut(layer3(layer2(layer1(x))).flatten()))) }
}

final class AttentionOnly: Module {
    let attention: MultiHeadAttention
    init(causal: Bool) { attention = MultiHeadAttention(16, heads: 4, isCausal: causal) }
    override func forward(_ x: Tensor) -> Tensor { attention(x) }
}

/// The first three places look at the last four, of which the first two do not see the very last.
final class AttentionOverOthers: Module {
    let attention = MultiHeadAttention(16, heads: 4)
    override func forward(_ x: Tensor) -> Tensor {
        let others = x.slice(2..<6, dimension: 1), mask = Tensor([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]])
        return attention(query: x.slice(0..<3, dimension: 1), key: others, value: others * 2, mask: mask)
    }
}

final class TransformerBlock: Module {
    let n1 = LayerNorm(16), attention = MultiHeadAttention(16, heads: 4), n2 = LayerNorm(16)
    let mlp = Sequential(Linear(16, 64), GELU(), Linear(64, 16))
    override func forward(_ x: Tensor) -> Tensor {
        let y = x + attention(n1(x))
        return y + mlp(n2(y))
    }
}

private func makeLayer(_ name: String) -> Module? {
    switch name {
    case "Linear": Linear(7, 4)
    case "Linear without bias": Linear(7, 4, bias: false)
    case "Conv2d": Conv2d(3, 8, kernel: 3, stride: 2, padding: 1)
    case "ConvLayer": ConvLayer(3, 16)
    case "ConvLayer stride 2": ConvLayer(16, 24, stride: 2)
    case "ConvLayer without act": ConvLayer(4, 5, act: false)
    case "BatchNorm2d three steps", "BatchNorm2d eval": BatchNorm2d(5)
    case "LayerNorm": LayerNorm([3, 4])
    case "Sequential with ReLU": Sequential(Linear(6, 8), ReLU(), Linear(8, 3))
    case "Nested Sequential": Sequential(Sequential(Linear(6, 8), GELU()), Sequential(Linear(8, 3), Tanh()))
    case "MultiHeadAttention": AttentionOnly(causal: false)
    case "MultiHeadAttention causal": AttentionOnly(causal: true)
    case "Attention over others": AttentionOverOthers()
    case "Embedding": Embedding(9, 4)
    case "Windows, Flatten, Sigmoid": Sequential(AdaptiveAvgPool2d(Size2D(2, 3)), Flatten(), Linear(24, 3), Sigmoid())
    case "Transformer block": TransformerBlock()
    case "AdaptivePool": AdaptivePool()
    case "simple_cnn": simpleCNN()
    case "25 entries, train", "25 entries, eval": TwentyFiveEntries(hidden: 10)
    default: nil
    }
}

@Suite("Layers equal PyTorch", .enabled(if: ReferenceFile.isPresent, "TRACK_REFERENCE_DIR is not set: not compared with PyTorch"))
struct LayerReferenceTests {
    func state(_ reference: ReferenceFile, _ entries: [ReferenceFile.Named]) -> StateDict {
        StateDict(entries.map {
            let floats = reference.floats($0.shape, $0.start)
            return StateDict.Entry(name: $0.name, shape: $0.shape, values: $0.integer == true ? .integers(floats.map { Int64($0) }) : .floats(floats))
        })
    }

    func expectEqualStates(_ ours: StateDict, _ theirs: StateDict, _ name: String) {
        #expect(ours.names == theirs.names && ours.entries.map(\.shape) == theirs.entries.map(\.shape), "\(name)")
        for (mine, other) in zip(ours.entries, theirs.entries) {
            if case (.floats(let a), .floats(let b)) = (mine.values, other.values) {
                #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(name): \(mine.name)")
            } else {
                #expect(mine.values == other.values, "\(name): \(mine.name)")
            }
        }
    }

    @Test("the same state gives the same outputs (1e-5), gradients (1e-4) and buffers, in training and evaluation, on each instruction set") func layers() throws {
        let reference = try ReferenceFile()
        try onEachPath { path in
            for item in reference.cases where item.kind == "layer" { try expectEqual(item, reference, on: path) }
        }
    }

    private func expectEqual(_ item: ReferenceFile.Case, _ reference: ReferenceFile, on path: Compute.Path) throws {
        let module = try #require(makeLayer(item.name), "the reference has a layer that this test lacks: \(item.name)"), name = "\(item.name) on \(path)"
        try module.load(state(reference, item.state))
        module.train(item.train ?? true)
        var output = Tensor(0), input = Tensor(0)
        for _ in 0..<(item.steps ?? 1) {
            module.zeroGrad()
            input = reference.tensor(item.inputs[0]).requiresGrad(true)
            output = module(input)
            output.backward(gradient: reference.tensor(item.gradient))
        }

        expectEqualTensors(output, reference.tensor(item.output), 1e-5, name)
        if let grad = item.grads[0] { expectEqualTensors(try #require(input.grad), reference.tensor(grad), 1e-4, "\(name), input gradient") }
        let parameters = Dictionary(uniqueKeysWithValues: module.namedParameters().map { ($0.name, $0.parameter) })
        // Rounding is as large as the network's gradients are: a bias before batch norm has gradient 0, of which only rounding is left.
        let largest = (item.parameter_grads ?? []).flatMap { reference.tensor($0).scalars.map { abs($0) } }.max() ?? 0
        for grad in item.parameter_grads ?? [] {
            let ours = try #require(parameters[grad.name]?.grad, "\(name): \(grad.name)")
            expectEqualTensors(ours, reference.tensor(grad), 1e-4, "\(name), gradient of \(grad.name)", least: max(1e-2, largest / 20))
        }
        expectEqualStates(module.stateDict(), state(reference, item.after ?? []), name)
    }

    @Test("forward hooks on ConvLayers see the mean and deviation that PyTorch's hooks see") func activations() throws {
        let reference = try ReferenceFile()
        var compared = 0
        for item in reference.cases where item.activations?.isEmpty == false {
            let module = try #require(makeLayer(item.name))
            try module.load(state(reference, item.state))
            var readings: [[Float]] = []
            for case let layer as ConvLayer in module.modules() {
                layer.addForwardHook { _, _, output in readings.append([output.detach().mean().item, output.detach().std().item]) }
            }
            _ = module(reference.tensor(item.inputs[0]))

            let expected = try #require(item.activations)
            #expect(readings.count == expected.count, "\(item.name)")
            for (ours, theirs) in zip(readings.joined(), expected.joined()) { #expect(abs(ours - theirs) <= 1e-5 * abs(theirs), "\(item.name)") }
            compared = max(compared, readings.count)
        }
        #expect(compared == 4, "the small network has four")
    }
}
