// Measures one training step of one workload through the public API. usage: Ours WORKLOAD THREADS SECONDS
// Prints: median milliseconds of a step, resident megabytes, milliseconds from the start of main to the end of the first step.
import Foundation
import Layers
import Tensors
import Training

let start = ContinuousClock.now
guard CommandLine.arguments.count == 4, let threads = Int(CommandLine.arguments[2]), let seconds = Double(CommandLine.arguments[3]) else {
    fatalError("usage: Ours cnn|mlp64|mlp1|block|linear|fit THREADS SECONDS")
}
Compute.threads = threads
setRandomSeed(1)

/// Forward, cross-entropy, backward, SGD.
func training(_ model: Module, _ x: Tensor, _ labels: Tensor) -> () -> Void {
    let parameters = model.parameters(), step = Tensor.SGDStep(learningRate: 0.01)
    return {
        model.zeroGrad()
        model(x).crossEntropy(labels).backward()
        for parameter in parameters { parameter.update(step, gradient: parameter.grad!) }
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

func labels(_ count: Int) -> Tensor { Tensor(labels: (0..<count).map { $0 % 10 }) }

func cnn() -> () -> Void {
    let model = Sequential(
        ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
        AdaptivePool(), Linear(128, 10))
    return training(model, .randn([128, 3, 64, 64]), labels(128))
}

func mlp(_ batch: Int) -> () -> Void {
    training(Sequential(Linear(784, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10)), .randn([batch, 784]), labels(batch))
}

func block() -> () -> Void {
    let model = TransformerBlock(), x = Tensor.randn([8, 64, 128]), parameters = model.parameters()
    return {
        model.zeroGrad()
        model(x).square().mean().backward()
        for parameter in parameters { parameter.update(Tensor.SGDStep(learningRate: 0.01), gradient: parameter.grad!) }
    }
}

/// 100 epochs of linear regression through a Learner without callbacks, full batch.
func linear() -> () -> Void {
    let batch = RawBatch(inputs: RawArray((0...10).map(Float.init), shape: [11, 1]),
                         targets: .values(RawArray((0...10).map { 2 * Float($0) + 1 }, shape: [11, 1])))
    let learner = Learner(Linear(1, 1), DataLoaders(train: DataLoader(batches: [batch])), loss: MSELoss(), learningRate: 0.01)
    return { try! learner.fit(epochs: 100) }
}

/// One epoch through a Learner: 4,000 pictures to train on, 1,000 to validate, one cycle, accuracy, the four fields kept at each step.
func fit() -> () -> Void {
    func pictures(_ count: Int) -> ArrayDataset<Sample> {
        var stream = RandomStream(seed: 1)
        return ArrayDataset((0..<count).map { Sample(RawArray((0..<12_288).map { _ in Float(stream.uniform()) }, shape: [3, 64, 64]), label: $0 % 10) })
    }
    final class Rows: Callback {
        var rows: [[Double]] = []
        override func afterBatch(_ learner: Learner) {
            rows.append([learner.lossValue, learner.gradientNorm, learner.optimizer.learningRate, learner.fractionalEpoch])
        }
    }
    let model = Sequential(
        ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
        AdaptivePool(), Linear(128, 10))
    let loaders = DataLoaders(
        train: DataLoader(pictures(4000), batchSize: 128, shuffled: true), valid: DataLoader(pictures(1000), batchSize: 256))
    let learner = Learner(model, loaders, loss: CrossEntropyLoss(), learningRate: 0.1, callbacks: [TrackResults(), OneCycle(), Rows()])
    return { try! learner.fit(epochs: 1) }
}

func residentMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
}

let step = switch CommandLine.arguments[1] {
case "cnn": cnn()
case "mlp64": mlp(64)
case "mlp1": mlp(1)
case "block": block()
case "linear": linear()
case "fit": fit()
default: fatalError("unknown workload \(CommandLine.arguments[1])")
}
step()
let first = (ContinuousClock.now - start) / .milliseconds(1)
for _ in 0..<5 { step() }
var times: [Double] = []
let end = ContinuousClock.now + .seconds(seconds)
while ContinuousClock.now < end { times.append(ContinuousClock().measure(step) / .milliseconds(1)) }
let scale = CommandLine.arguments[1] == "linear" ? 0.01 : 1        // a step is one epoch
print(times.sorted()[times.count / 2] * scale, residentMegabytes(), first)
