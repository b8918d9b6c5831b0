import Testing
import Tensors
@testable import Layers

final class Pair: Module {
    let conv = ConvLayer(3, 4), linear = Linear(4, 2)
}

/// The digest's small network for 64×64 colour images.
func simpleCNN() -> Sequential {
    Sequential(ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
               AdaptivePool(), Linear(128, 10))
}

@Suite("Modules") struct ModuleTests {
    @Test("ConvLayer(3, 4) and Linear(4, 2) hold four parameter tensors, found in order") func fourParameters() {
        #expect(Pair().namedParameters().map(\.name) == ["conv.weight", "conv.bias", "linear.weight", "linear.bias"])
    }

    @Test("the small network has 10 parameter tensors, 98,730 numbers and [128, 10] outputs") func simpleNetwork() {
        let model = simpleCNN()

        #expect(model.parameters().count == 10 && model.parameters().map(\.count).reduce(0, +) == 98_730)
        let output = noGrad { model(.zeros([128, 3, 64, 64])) }
        #expect(output.shape == [128, 10])
    }
}
