import Tensors
import Testing
@testable import Layers

@Suite("State dicts") struct StateDictTests {
    @Test("the example network lists 25 entries with PyTorch's names, shapes and order") func twentyFive() {
        let state = TwentyFiveEntries().stateDict()

        var expected: [(String, [Int])] = []
        for (layer, (inputs, outputs)) in [(3, 16), (16, 32), (32, 64)].enumerated() {
            let name = "layer\(layer + 1)"
            expected += [("\(name).0.weight", [outputs, inputs, 3, 3]), ("\(name).0.bias", [outputs])]
            expected += ["weight", "bias", "running_mean", "running_var"].map { ("\(name).1.\($0)", [outputs]) }
            expected.append(("\(name).1.num_batches_tracked", []))
        }
        expected += [("fc1.weight", [1000, 576]), ("fc1.bias", [1000]), ("fc2.weight", [1, 1000]), ("fc2.bias", [1])]
        #expect(state.entries.count == 25)
        #expect(state.names == expected.map(\.0) && state.entries.map(\.shape) == expected.map(\.1))
        #expect(state["layer1.1.num_batches_tracked"]?.values == .integers([0]))
    }

    @Test("a state round-trips bit for bit, running statistics and counters included") func roundTrip() throws {
        let model = TwentyFiveEntries(hidden: 10), other = TwentyFiveEntries(hidden: 10)
        _ = model(Initializer.normal(std: 1)([2, 3, 224, 224]))

        try other.load(model.stateDict())

        #expect(other.stateDict() == model.stateDict() && other.layer1.stateDict()["1.num_batches_tracked"]?.values == .integers([1]))
    }

    @Test("a strict load names missing and unexpected entries, and changes nothing") func strict() {
        let model = Sequential(Linear(2, 3)), before = model.stateDict()
        let state = StateDict([StateDict.Entry(name: "0.weight", shape: [3, 2], values: .floats(Array(repeating: 1, count: 6))),
                               StateDict.Entry(name: "1.weight", shape: [1], values: .floats([1]))])

        let error = #expect(throws: StateDictError.self) { try model.load(state) }

        #expect(error?.description == """
            The state does not fit Sequential; nothing was changed.
            Missing in the state: 0.bias.
            Not in the model: 1.weight.
            Make the same architecture, or load with strict: false to take what fits.
            """)
        #expect(model.stateDict() == before)
    }

    @Test("another shape is an error, strict or not, and names both") func shapes() {
        for strict in [true, false] {
            let error = #expect(throws: StateDictError.self) { try Sequential(Linear(2, 3)).load(Sequential(Linear(2, 4)).stateDict(), strict: strict) }
            #expect(error?.description.contains("0.weight: the state has shape [4, 2], the model [3, 2].") == true)
        }
    }

    @Test("a backbone's part loads by prefix, the new head stays") func prefix() throws {
        let trained = Sequential(Sequential(Linear(4, 4), ReLU()), Linear(4, 10)), backbone = Sequential(Linear(4, 4), ReLU())

        try backbone.load(trained.stateDict().removingPrefix("0."))
        let report = try Sequential(backbone, Linear(4, 4), Linear(1, 1)).load(StateDict(), strict: false)

        #expect(backbone.stateDict().entries[0].values == trained.stateDict().entries[0].values)
        #expect(report.missing.count == 6 && report.unexpected.isEmpty)
    }
}
