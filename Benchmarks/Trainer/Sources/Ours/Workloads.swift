import Foundation
import Layers
import StepMallocCount
import Tensors
import Training

/// One step of a workload; the linear regression's is 100 epochs of a `Learner`.
func makeStep(_ name: String) -> (() -> Void)? {
    switch name {
    case "cnn": training(pictureNetwork(), .randn([128, 3, 64, 64]), labels(128))
    case "frozen": training(frozenNetwork(), .randn([128, 3, 64, 64]), labels(128))
    case "mlp64": training(perceptron(), .randn([64, 784]), labels(64))
    case "mlp1": training(perceptron(), .randn([1, 784]), labels(1))
    case "block": transformerBlock()
    case "linear": linearRegression()
    default: nil
    }
}

func pictureNetwork() -> Sequential {
    Sequential(
        ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
        AdaptivePool(), Linear(128, 10))
}

/// The same with a new head on frozen layers.
func frozenNetwork() -> Sequential {
    let model = pictureNetwork()
    model.requiresGrad(false)
    model[model.count - 1] = Linear(128, 10)
    return model
}

func perceptron() -> Sequential { Sequential(Linear(784, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10)) }

func labels(_ count: Int) -> Tensor { Tensor(labels: (0..<count).map { $0 % 10 }) }

func makeOptimizer(_ model: Module) -> SGD {
    SGD(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate: 0.01)
}

/// Forward, cross-entropy, backward, SGD; the optimizer forgets the gradients that it used.
func training(_ model: Module, _ x: Tensor, _ labels: Tensor) -> () -> Void {
    let optimizer = makeOptimizer(model)
    return {
        model(x).crossEntropy(labels).backward()
        optimizer.step()
    }
}

final class TransformerBlock: Module {
    let norm1 = LayerNorm(128), attention = MultiHeadAttention(128, heads: 4), norm2 = LayerNorm(128)
    let mlp = Sequential(Linear(128, 512), GELU(), Linear(512, 128))
    override func forward(_ x: Tensor) -> Tensor {
        let y = x + attention(norm1(x))
        return y + mlp(norm2(y))
    }
}

func transformerBlock() -> () -> Void {
    let model = TransformerBlock(), x = Tensor.randn([8, 64, 128]), optimizer = makeOptimizer(model)
    return {
        model(x).square().mean().backward()
        optimizer.step()
    }
}

/// y = 2x + 1 at x = 0 … 10, as one batch.
let line = RawBatch(inputs: RawArray((0...10).map(Float.init), shape: [11, 1]),
                    targets: .values(RawArray((0...10).map { 2 * Float($0) + 1 }, shape: [11, 1])))

func linearRegression(epochs: Int = 100) -> () -> Void {
    let learner = Learner(Linear(1, 1), DataLoaders(train: DataLoader(batches: [line])), loss: MSELoss(), learningRate: 0.01)
    return { try! learner.fit(epochs: epochs) }
}

/// Median milliseconds of a call, after five to warm up.
func median(_ step: () -> Void, seconds: Double) -> Double {
    for _ in 0..<5 { step() }
    var times: [Double] = []
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end { times.append(ContinuousClock().measure(step) / .milliseconds(1)) }
    return times.sorted()[times.count / 2]
}

/// How many objects a call asks the system's allocator for, after five to warm up.
func objects(_ step: () -> Void) -> Double {
    for _ in 0..<5 { step() }
    let before = malloc_count()
    for _ in 0..<20 { step() }
    return Double(malloc_count() - before) / 20
}

func residentMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
}
