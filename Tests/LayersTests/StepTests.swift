import Tensors
import Testing
@testable import Layers

@Suite("Training steps", .serialized) struct StepTests {
    @Test("steady steps of a network with every kind of layer allocate no buffers") func noAllocations() {
        let model = Sequential(Conv2d(3, 8, kernel: 3, padding: 1), BatchNorm2d(8), ReLU(), MaxPool2d(2), ConvLayer(8, 16, stride: 2), AdaptivePool(),
                               Dropout(0.2), Linear(16, 12), LayerNorm(12), GELU(), Linear(12, 4))
        let x = Initializer.normal(std: 1)([16, 3, 16, 16]), y = Tensor(labels: (0..<16).map { $0 % 4 })
        let loss = CrossEntropyLoss(smoothing: 0.1), parameters = model.parameters()
        let velocities = parameters.map { Tensor.zeros($0.shape) }
        func step() {
            for p in parameters { p.zeroGrad() }
            loss(model(x), y).backward()
            for (p, v) in zip(parameters, velocities) { p.update(Tensor.SGDStep(learningRate: 0.01, momentum: 0.9), gradient: p.grad!, velocity: v) }
        }
        // Tests that run at the same time share the cache, so not every round is undisturbed; steps that allocate never are.
        for _ in 0..<3 { step() }
        let undisturbed = (0..<100).contains { _ in
            let before = Compute.memory.buffersAllocated
            for _ in 0..<3 { step() }
            return Compute.memory.buffersAllocated == before
        }

        #expect(undisturbed)
    }

    @Test("the small network learns: its loss on one batch falls below a tenth") func learning() {
        setRandomSeed(1)
        let model = Sequential(ConvLayer(3, 8, stride: 2), ConvLayer(8, 16, stride: 2), AdaptivePool(), Linear(16, 3))
        let x = Initializer.normal(std: 1)([12, 3, 12, 12]), y = Tensor(labels: (0..<12).map { $0 % 3 }), parameters = model.parameters()
        let state = parameters.map { ($0, Tensor.zeros($0.shape), Tensor.zeros($0.shape)) }
        var losses: [Float] = []
        for step in 1...60 {
            for p in parameters { p.zeroGrad() }
            let loss = model(x).crossEntropy(y)
            loss.backward()
            losses.append(loss.item)
            for (p, m, v) in state { p.update(Tensor.AdamStep(learningRate: 0.02, number: step), gradient: p.grad!, mean: m, square: v) }
        }

        #expect(losses.last! < losses[0] / 10, "\(losses[0]) to \(losses.last!)")
    }

    @Test("the landing page's program runs") func landingPage() {
        let model = Sequential(ConvLayer(3, 16, stride: 2), ConvLayer(16, 32, stride: 2), AdaptivePool(), Linear(32, 10))
        #expect(model.summary([3, 64, 64]).rows.map(\.outputShape) == [[16, 32, 32], [32, 16, 16], [32], [10]])

        let images = Tensor.randn([8, 3, 64, 64]), labels = Tensor(labels: [0, 1, 2, 3, 4, 5, 6, 7])
        let loss = CrossEntropyLoss()(model(images), labels)
        loss.backward()
        for parameter in model.parameters() {
            parameter.update(Tensor.SGDStep(learningRate: 0.1), gradient: parameter.grad!)
        }

        #expect(CrossEntropyLoss()(model(images), labels).item != loss.item)
    }

    @Test("leaves that backward reached are told, so that a parameter outside the model can be named") func reachedLeaves() {
        let inside = Linear(2, 2), outside = Parameter(3)

        let leaves = (inside(.ones([1, 2])).sum() * outside).backwardReachingLeaves()

        #expect(leaves.contains { $0 === outside } && leaves.contains { $0 === inside.weight } && leaves.count == 3)
    }
}
