// One step of the picture network, then "stepped": how long a program that only trains takes to begin.
import Layers
import Tensors
import Training

setRandomSeed(1)
let model = Sequential(
    ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
    AdaptivePool(), Linear(128, 10))
let optimizer = SGD(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate: 0.01)
model(.full([128, 3, 64, 64], 0.5)).crossEntropy(Tensor(labels: (0..<128).map { $0 % 10 })).backward()
optimizer.step()
print("stepped")
