import Testing
@testable import Tensors

@Suite("Results do not depend on threads", .serialized) struct DeterminismTests {
    /// A small training run over every kind of parallel kernel; returns all numbers that it made.
    static func run() -> [Float] {
        let images = sample([24, 3, 32, 32]), labels = Tensor(labels: (0..<24).map { $0 % 7 })
        let kernel = Parameter(sample([40, 3, 3, 3], seed: 2, std: 0.3)), bias = Parameter(sample([40], seed: 3))
        let scale = Parameter(sample([40], seed: 4)), shift = Parameter(sample([40], seed: 5))
        let weight = Parameter(sample([192, 160], seed: 6, std: 0.1)), head = Parameter(sample([7, 64], seed: 7))
        let parameters = [kernel, bias, scale, shift, weight, head]
        var numbers: [Float] = []
        for step in 0..<3 {
            for p in parameters { p.zeroGrad() }
            let x = images.conv2d(kernel, bias: bias, stride: 2, padding: 1, relu: true).batchNorm(weight: scale, bias: shift).output
            let pooled = x.maxPool2d(2).dropout(0.1, seed: 1, call: UInt64(step)).adaptiveAveragePool2d(2).flatten()
            let attended = Tensor.selfAttention(pooled.reshape([2, 12, 160]).matmul(weight.transpose()), heads: 4)
            let logits = attended.layerNorm(weight: nil, bias: nil).gelu().reshape([24, 64]).matmul(head.transpose())
            let loss = logits.crossEntropy(labels) + (kernel.square().sum() + weight.exp().mean()) * 0.01
            loss.backward()
            numbers += [loss.item, Float(weight.grad!.sumOfSquares())] + parameters.flatMap { $0.grad!.scalars }
            for p in parameters { p.update(Tensor.AdamStep(learningRate: 0.01, number: step + 1), gradient: p.grad!, mean: p * 0, square: p * 0) }
        }
        return numbers + parameters.flatMap(\.scalars)
    }

    @Test("1, 2 and 4 threads give the same bits, run after run") func bitwise() {
        let before = Compute.threads
        defer { Compute.threads = before }
        Compute.threads = 1
        let expected = Self.run()

        #expect(expected.allSatisfy { $0.isFinite })
        for threads in [2, 4, 2, 4, 3] {
            Compute.threads = threads
            #expect(Self.run() == expected, "\(threads) threads")
        }
    }

    @Test("many tasks compute at the same time, each right") func concurrentTasks() async {
        let expected = Self.run()

        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { Self.run() == expected } }
            for await same in group { #expect(same) }
        }
    }

    @Test("thread count and spinning can be set; silly values are limited") func settings() {
        let (threads, spin) = (Compute.threads, Compute.spin)
        defer { (Compute.threads, Compute.spin) = (threads, spin) }

        Compute.threads = 0
        #expect(Compute.threads == 1)
        Compute.spin = .microseconds(75)
        #expect(Compute.spin == .microseconds(75))
        Compute.spin = .zero
        #expect(Compute.spin == .zero)
    }
}
