import Testing
@testable import Tensors

@Suite("Automatic differentiation") struct AutogradTests {
    @Test("w = 2, z = 10·w² + 25 gives w.grad = 40 exactly") func squareExample() {
        let w = Tensor(2).requiresGrad(true)

        let z = 10 * w.square() + 25
        z.backward()

        #expect(z.item == 65 && w.grad?.item == 40)
    }

    @Test("gradients accumulate until zeroGrad") func accumulation() {
        let w = Parameter(3)
        func step() { (w * w).backward() }

        step()
        step()

        #expect(w.grad?.item == 12)
        w.zeroGrad()
        #expect(w.grad == nil)
        step()
        #expect(w.grad?.item == 6)
    }

    @Test("one loss gives its gradient twice when the graph is kept") func keepingGraph() {
        let w = Parameter(3)
        let loss = w * w * w

        loss.backward(keepingGraph: true)
        loss.backward()

        #expect(w.grad?.item == 54)
    }

    @Test("an operation of one's own brings its own gradient") func ownOperation() {
        func cube(_ x: Tensor) -> Tensor {
            noGrad { x * x * x }.recorded(from: [x]) { gradient in [gradient * 3 * x * x] }
        }
        let w = Parameter(2)

        cube(w * 1).backward()

        #expect(w.grad?.item == 12 && cube(Tensor(2)).item == 8 && !cube(Tensor(2)).requiresGrad)
        expectGradients("cube", [sample([4])]) { cube($0[0]) }
    }

    @Test("the graph follows the program's control flow") func controlFlow() {
        let x = Parameter(2)
        var y: Tensor = x
        for _ in 0..<5 where y.item < 100 { y = y * y }     // 4, 16, 256: three times

        y.backward()

        #expect(y.item == 256 && x.grad?.item == 8 * 128)
    }

    @Test("noGrad records nothing and nests") func noGradRecordsNothing() {
        let w = Parameter(2)

        let inside = noGrad { noGrad { w * w } + w }

        #expect(!inside.requiresGrad && inside.node == nil)
        #expect((w * w).requiresGrad)
    }

    @Test("noGrad frees what only gradients need") func noGradMemory() {
        let w = Parameter(sample([256, 256]))
        func held(_ body: () -> Tensor) -> Int {
            let before = Compute.memory.liveBytes
            let result = body()
            defer { withExtendedLifetime(result) {} }
            return Compute.memory.liveBytes - before
        }
        func chain() -> Tensor { (0..<10).reduce(w as Tensor) { x, _ in x.tanh() } }

        let recorded = held(chain), plain = held { noGrad(chain) }

        #expect(plain * 5 < recorded, "\(plain) bytes without recording, \(recorded) with")
    }

    @Test("gradients flow through clone, not through detach") func cloneAndDetach() {
        let a = Parameter(2), b = Parameter(2)

        (a.clone() * 3 + b.detach() * 3).backward()
        let alone = a.clone().detach().requiresGrad(true)
        (alone * 5).backward()

        #expect(a.grad?.item == 3 && b.grad == nil && alone.grad?.item == 5)
    }

    @Test("frozen leaves get no gradient, and nothing is computed for them") func freezing() {
        let frozen = Parameter(sample([4, 4])).requiresGrad(false), live = Parameter(sample([4, 4], seed: 2))
        let hidden = frozen.matmul(frozen)

        #expect(hidden.node == nil)
        hidden.matmul(live).sum().backward()

        #expect(frozen.grad == nil && live.grad != nil)
    }

    @Test("the leaves' gradients share no memory") func ownGradients() {
        let a = Parameter(Tensor([1, 2])), b = Parameter(Tensor([3, 4]))

        (a + b).sum().backward()
        a.grad!.scale(by: 100)

        #expect(b.grad!.scalars == [1, 1])
    }

    @Test("a tensor used many times gets the sum of all gradients") func fanOut() {
        let x = Parameter(sample([3]))
        let shared = x * 2

        (shared.sum() + (shared * shared).sum() + shared[0]).backward()

        let expected = zip(x.scalars, [1, 0, 0] as [Float]).map { 2 + 8 * $0 + 2 * $1 }
        expectClose(x.grad!, Tensor(expected))
    }

    @Test("long chains neither overflow the stack on backward nor when dropped") func longChains() {
        let x = Parameter(1)
        var y: Tensor = x
        for _ in 0..<200_000 { y = y + 1 }
        y.backward()
        #expect(x.grad?.item == 1)

        var z: Tensor = x
        for _ in 0..<200_000 { z = z + 1 }
        z = x
        #expect(z === x)
    }

    @Test("the weight gradient of a single example is stepped without being written out, and is there for who looks") func singleExample() {
        let x = sample([1, 30], seed: 3)
        func run(looking: Bool, _ update: (Parameter, Tensor) -> Void) -> [Float] {
            let w = Parameter(sample([20, 30]))
            for _ in 0..<3 {
                w.zeroGrad()
                Tensor.linear(x, weight: w).square().sum().backward()
                if looking { _ = w.grad!.scalars }
                #expect((w.grad!.storage.product == nil) == looking)
                update(w, w.grad!)
            }
            return w.scalars
        }
        let velocity = { Tensor.zeros([20, 30]) }
        for momentum: Float in [0, 0.9] {
            let (v, u) = (velocity(), velocity()), step = Tensor.SGDStep(learningRate: 0.1, momentum: momentum)
            #expect(run(looking: true) { $0.update(step, gradient: $1, velocity: v) } == run(looking: false) { $0.update(step, gradient: $1, velocity: u) })
        }
        expectGradients("linear of one row", [sample([1, 5]), sample([4, 5], seed: 2), sample([4], seed: 3)]) {
            .linear($0[0], weight: $0[1], bias: $0[2], relu: false)
        }
    }

    @Test("what an input becomes after backward does not change the gradient") func inputChanged() {
        let x = sample([1, 5], seed: 3), w = Parameter(sample([4, 5]))
        Tensor.linear(x, weight: w).sum().backward()
        let expected = Tensor.ones([4, 1]).matmul(x).scalars

        x.withMutableScalars { $0[0] = 100 }

        #expect(w.grad!.scalars == expected)
        Tensor.linear(x, weight: w).sum().backward()
        #expect(w.grad!.scalars[0] == expected[0] + 100)
    }

    @Test("steady steps allocate nothing") func steadySteps() {
        let w = Parameter(sample([64, 64])), x = sample([32, 64], seed: 2)
        func step() {
            let loss = x.matmul(w).relu().square().mean()
            loss.backward()
            w.update(Tensor.SGDStep(learningRate: 0.1), gradient: w.grad!)
            w.zeroGrad()
        }
        for _ in 0..<3 { step() }
        // Tests that run at the same time share the cache, so not every round is undisturbed; steps that allocate never are.
        let undisturbed = (0..<100).contains { _ in
            let before = Compute.memory.buffersAllocated
            for _ in 0..<5 { step() }
            return Compute.memory.buffersAllocated == before
        }

        #expect(undisturbed)
    }
}

