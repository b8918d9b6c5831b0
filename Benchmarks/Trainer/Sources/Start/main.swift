// One step of a network, then "stepped": how long a program that only trains takes to begin.
// usage: Start cnn|mlp64
import Layers
import Tensors
import Training

setRandomSeed(1)
let isPictures = CommandLine.arguments.dropFirst().first != "mlp64"
let model = isPictures
    ? Sequential(
        ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
        AdaptivePool(), Linear(128, 10))
    : Sequential(Linear(784, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10))
let input: Shape = isPictures ? [128, 3, 64, 64] : [64, 784]
let optimizer = SGD(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate: 0.01)
model(.full(input, 0.5)).crossEntropy(Tensor(labels: (0..<input[0]).map { $0 % 10 })).backward()
optimizer.step()
print("stepped")
