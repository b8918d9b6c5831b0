import Tensors
import Testing
@testable import Layers

@Suite("Forward hooks") struct HookTests {
    @Test("the first four ConvLayers' outputs give mean and spread at each step") func statistics() {
        let model = simpleCNN()
        var rows: [(mean: Float, std: Float)] = []
        for layer in model.layers.prefix(4) {
            layer.addForwardHook { _, _, output in
                let output = output.detach()
                rows.append((output.mean().item, output.std().item))
            }
        }

        _ = model(Initializer.normal(std: 1)([2, 3, 64, 64]))

        #expect(rows.count == 4 && rows.allSatisfy { $0.mean > 0 && $0.std > 0 }, "a ReLU's outputs are not negative: \(rows)")
    }

    @Test("a hook gets the module, its input and its output, in order, and can be removed once or twice") func arguments() {
        let layer = Linear(3, 2), x = Tensor.ones([1, 3])
        var calls: [String] = []
        let first = layer.addForwardHook { module, input, output in
            calls.append("first \(module === layer) \(input === x) \(output.shape)")
        }
        layer.addForwardHook { _, _, _ in calls.append("second") }

        _ = layer(x)
        first.remove()
        first.remove()
        _ = layer(x)

        #expect(calls == ["first true true [1, 2]", "second", "second"])
    }
}
