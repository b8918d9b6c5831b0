import Testing
@testable import Tensors

/// Misuse ends the program with a message that shows both sides and the way out, in release builds too.
@Suite("Misuse says what is wrong and what to do") struct MisuseTests {
    /// Whether a program that ended wrote `parts` to its error stream.
    func expect(_ result: ExitTest.Result?, says parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        for part in parts { #expect(text.contains(part), "\(part) is not in: \(text)", sourceLocation: sourceLocation) }
    }

    @Test("images in channels-last order given to a convolution") func channelsLast() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([128, 64, 64, 3]).conv2d(.zeros([16, 3, 3, 3]))
        }

        expect(result, says: "Given groups=1, weight of size [16, 3, 3, 3], expected input[128, 64, 64, 3] to have 3 channels, "
               + "but got 64 channels instead", "Permute each batch before the model: x.permute(0, 3, 1, 2)")
    }

    @Test("the same message as a value, and for images that are not channels-last") func channels() {
        let last = ConvolutionMismatch(weight: [16, 3, 3, 3], input: [128, 64, 64, 3], groups: 1)
        let other = ConvolutionMismatch(weight: [16, 4, 3, 3], input: [128, 5, 64, 64], groups: 2)

        #expect(last.description == "Given groups=1, weight of size [16, 3, 3, 3], expected input[128, 64, 64, 3] to have 3 channels, but got 64 "
                + "channels instead. The last size is 3: this looks like [n, height, width, channels]. Permute each batch before the model: "
                + "x.permute(0, 3, 1, 2).")
        #expect(other.description == "Given groups=2, weight of size [16, 4, 3, 3], expected input[128, 5, 64, 64] to have 8 channels, but got 5 "
                + "channels instead. Images are [n, channels, height, width]; make the layer with 5 input channels or permute the batch.")
    }

    @Test("matrices whose inner sizes differ") func matmul() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([32, 784]).matmul(.zeros([512, 10]))
        }
        let transposed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([32, 784]).matmul(.zeros([10, 784]))
        }

        expect(result, says: "matmul: [32, 784] · [512, 10], inner sizes 784 and 512 differ")
        expect(transposed, says: "transpose() the second")
    }

    @Test("an input of the wrong width for a linear layer") func linear() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.linear(.zeros([128, 128, 4, 4]), weight: .zeros([10, 128]))
        }

        expect(result, says: "linear: input [128, 128, 4, 4] · weight [10, 128]ᵀ", "the input's last size is 4, the layer expects 128", "Flatten or reshape")
    }

    @Test("a label that is not a class") func labels() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([3, 10]).crossEntropy(Tensor(labels: [1, 10, 2]))
        }

        expect(result, says: "label 10.0 of example 1 is not one of 10 classes. Labels count from 0 to 9.")
    }

    @Test("shapes that do not broadcast, and losses that would broadcast by mistake") func broadcasting() async {
        let sum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Tensor.zeros([3, 4]) + .zeros([3]) }
        let loss = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([8, 1]).meanSquaredError(.zeros([8]))
        }

        expect(sum, says: "shapes [3, 4] and [3] do not broadcast", "reshape or unsqueeze")
        expect(loss, says: "predictions [8, 1] and targets [8] differ in shape")
    }

    @Test("backward without a graph, on many elements, and twice") func backward() async {
        let plain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { Tensor(3).backward() }
        let many = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { (Parameter(.zeros([2])) * 2).backward() }
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let loss = Parameter(2) * 3
            loss.backward()
            loss.backward()
        }

        expect(plain, says: "nothing to differentiate", "noGrad")
        expect(many, says: "the loss has shape [2]", "mean()")
        expect(twice, says: "used up by an earlier backward()", "keepingGraph: true")
    }
}
