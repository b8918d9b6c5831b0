import Testing
import Tensors
@testable import Layers

final class Pair: Module {
    let conv = ConvLayer(3, 4), linear = Linear(4, 2)
}

/// The small example network for 64×64 colour images.
func simpleCNN() -> Sequential {
    Sequential(ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2), ConvLayer(64, 128, stride: 2),
               AdaptivePool(), Linear(128, 10))
}

final class Everything: Module {
    let single = Parameter(1)
    var list: [Module] = [Linear(2, 3), Linear(3, 2)]
    var maybe: Linear? = Linear(2, 2)
    var nothing: Linear?
    let named: [String: Module] = ["b": Linear(1, 1), "a": Linear(1, 1)]
    let headLayer = Sequential(Linear(2, 2), Sequential(BatchNorm2d(2)))
}

class Base: Module { let first = Linear(1, 1) }
final class Derived: Base { let second = Linear(1, 1) }

@Suite("Modules") struct ModuleTests {
    @Test("ConvLayer(3, 4) and Linear(4, 2) hold four parameter tensors, found in order") func fourParameters() {
        #expect(Pair().namedParameters().map(\.name) == ["conv.weight", "conv.bias", "linear.weight", "linear.bias"])
    }

    @Test("arrays, optionals, dictionaries, nested modules and base classes are walked; names are in snake case") func discovery() {
        #expect(Everything().namedParameters().map(\.name) == [
            "single", "list.0.weight", "list.0.bias", "list.1.weight", "list.1.bias", "maybe.weight", "maybe.bias", "named.a.weight", "named.a.bias",
            "named.b.weight", "named.b.bias", "head_layer.0.weight", "head_layer.0.bias", "head_layer.1.0.weight", "head_layer.1.0.bias",
        ])
        #expect(Derived().namedParameters().map(\.name) == ["first.weight", "first.bias", "second.weight", "second.bias"])
    }

    @Test("a module or parameter that appears twice counts once, and is saved under both names") func sharing() {
        let layer = Linear(3, 3), model = Sequential(layer, ReLU(), layer)

        #expect(model.parameters().count == 2 && model.modules().count == 3)
        #expect(model.stateDict().names == ["0.weight", "0.bias", "2.weight", "2.bias"])
    }

    @Test("a replaced head is found") func replacedHead() {
        let model = Sequential(Linear(4, 4), Linear(4, 10))
        model[1] = Linear(4, 2, bias: false)

        #expect(model.namedParameters().map(\.name) == ["0.weight", "0.bias", "1.weight"] && model(.ones([1, 4])).shape == [1, 2])
    }

    @Test("a parameter behaves like a tensor, has a gradient and can be frozen") func parameters() {
        let p = Parameter(3)
        (p * 2 + 1).backward()
        #expect(p.requiresGrad && p.grad?.item == 2)

        p.zeroGrad()
        p.requiresGrad = false
        #expect(!(p * 2).requiresGrad && p.grad == nil)
    }

    @Test("ConvLayer(3, 16) on [128, 3, 64, 64] gives [128, 16, 64, 64]") func convLayerShape() {
        let layer = ConvLayer(3, 16)

        let output = noGrad { layer(.zeros([128, 3, 64, 64])) }

        #expect(output.shape == [128, 16, 64, 64])
        #expect(layer.weight.shape == [16, 3, 3, 3] && layer.bias!.scalars == Array(repeating: 0, count: 16))
    }

    @Test("Linear(4, 2) on ones(3, 4) gives [3, 2], and its bias starts at 0") func linearShape() {
        let layer = Linear(4, 2)

        #expect(layer(.ones([3, 4])).shape == [3, 2] && layer.weight.shape == [2, 4] && layer.bias!.scalars == [0, 0])
    }

    @Test("AdaptivePool is the mean over height and width") func adaptivePool() {
        let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 2, 2])

        #expect(AdaptivePool()(x).scalars == [1.5, 5.5, 9.5, 13.5, 17.5, 21.5])
    }

    @Test("the small network has 10 parameter tensors, 98,730 numbers and the shapes 32, 16, 8, 4 on the way to [128, 10]") func simpleNetwork() {
        let model = simpleCNN()
        var shapes: [Shape] = []
        for layer in model.layers { layer.addForwardHook { _, _, output in shapes.append(output.shape) } }

        #expect(model.parameters().count == 10 && model.parameters().map(\.count) == [432, 16, 4608, 32, 18_432, 64, 73_728, 128, 1280, 10])
        #expect(model.parameters().map(\.count).reduce(0, +) == 98_730)
        _ = noGrad { model(.zeros([128, 3, 64, 64])) }
        #expect(shapes == [[128, 16, 32, 32], [128, 32, 16, 16], [128, 64, 8, 8], [128, 128, 4, 4], [128, 128], [128, 10]])
    }

    @Test("first weights have the stated spread, differ between layers, and come again with the same seed") func initialisation() {
        func spread(_ tensor: Tensor) -> Float { noGrad { tensor.std().item } }
        let conv = ConvLayer(64, 256), plain = ConvLayer(64, 256, act: false), linear = Linear(400, 300)

        let kaiming = spread(conv.weight) / (2 / (64 * 9 as Float)).squareRoot()
        let xavier = spread(plain.weight) / (2 / ((64 + 256) * 9 as Float)).squareRoot()
        let xavierLinear = spread(linear.weight) / (2 / (400 + 300 as Float)).squareRoot()

        #expect(abs(kaiming - 1) < 0.02 && abs(xavier - 1) < 0.02 && abs(xavierLinear - 1) < 0.02)
        #expect(Linear(5, 5).weight.scalars != Linear(5, 5).weight.scalars)
        var a = RandomStream(seed: 4), b = RandomStream(seed: 4)
        #expect(Initializer.kaimingNormal([3, 3], using: &a).scalars == Initializer.kaimingNormal([3, 3], using: &b).scalars)
    }

    @Test("training and evaluation reach every module") func modes() {
        let model = Sequential(Linear(2, 2), Sequential(Dropout(), BatchNorm2d(2)))

        #expect(model.modules().allSatisfy { $0.isTraining })
        model.eval()
        #expect(!model.modules().contains { $0.isTraining })
        model.train()
        #expect(model.modules().allSatisfy { $0.isTraining })
    }

    @Test("dropout keeps 1 − p of the elements, scaled, and passes everything in evaluation") func dropout() {
        let layer = Dropout(0.25, seed: 1), x = Tensor.ones([100, 1000])

        let y = layer(x).scalars

        #expect(Set(y) == [0, 1 / 0.75])
        #expect(abs(Float(y.count { $0 != 0 }) / 100_000 - 0.75) < 0.01)
        #expect(layer(x).scalars != y, "each call drops others")
        layer.eval()
        #expect(layer(x).scalars == x.scalars)
    }

    @Test("dropout goes on at the same place after its stream was saved and restored") func dropoutState() {
        let model = Sequential(Linear(3, 3), Dropout(0.5))
        _ = model(.ones([4, 3]))
        let saved = model.randomStreams

        let first = model(.ones([4, 3])).scalars
        model.randomStreams = saved

        #expect(saved.keys.sorted() == ["1"] && model(.ones([4, 3])).scalars == first)
    }

    @Test("a frozen part gets no gradient and does not change; the rest does") func freezing() {
        let model = Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
        let before = model.stateDict()
        model.requiresGrad(false)
        (model[2] as! Linear).requiresGrad(true)

        for _ in 0..<10 {
            model.zeroGrad()
            model(.ones([5, 3])).square().sum().backward()
            for p in model.parameters() { if let grad = p.grad { p.update(Tensor.SGDStep(learningRate: 0.1, weightDecay: 0.1), gradient: grad) } }
        }

        let after = model.stateDict()
        #expect(after.entries[0] == before.entries[0] && after.entries[1] == before.entries[1])
        #expect(after.entries[2] != before.entries[2] && after.entries[3] != before.entries[3])
        #expect(model.parameters().map { $0.grad == nil } == [true, true, false, false])
    }

    @Test("the sequence's fusion of a layer with the ReLU behind it changes nothing, and hooks still see both") func fusion() {
        let conv = Conv2d(3, 5, kernel: 3), relu = ReLU(), model = Sequential(conv, relu)
        let x = Initializer.normal(std: 1)([2, 3, 6, 6])
        let fused = model(x).scalars
        var seen: [Float] = []

        let handle = conv.addForwardHook { _, _, output in seen.append(output.min().item) }
        let plain = model(x).scalars
        handle.remove()

        #expect(plain == fused && seen.count == 1 && seen[0] < 0)
        #expect(model(x).scalars == fused && seen.count == 1)
    }
}

@Suite("Misuse of layers") struct LayerMisuseTests {
    @Test("settings that cannot be are refused with the numbers, in release builds too") func settings() async {
        let heads = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = MultiHeadAttention(10, heads: 3) }
        let dropout = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Dropout(1) }
        let groups = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Conv2d(5, 4, kernel: 3, groups: 2) }

        func text(_ result: ExitTest.Result?) -> String { String(decoding: result?.standardErrorContent ?? [], as: UTF8.self) }
        let (first, second, third) = (text(heads), text(dropout), text(groups))
        #expect(first.contains("width 10 does not divide into 3 heads") && second.contains("the probability is not in 0..<1"))
        #expect(third.contains("5 input channels do not divide into 2 groups"))
    }
}
