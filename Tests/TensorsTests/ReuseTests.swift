import Testing
@testable import Tensors

@Suite("Used-up storages and nodes") struct ReuseTests {
    /// Makes and drops graphs, so that whatever waits is used again.
    private func churn(_ rounds: Int = 50) {
        let x = Tensor([1, 2, 3, 4]).requiresGrad(true)
        for _ in 0..<rounds { (x * x + x).sum().backward() }
    }

    @Test("a view keeps its elements when the tensor that it was cut from is gone") func view() {
        var whole: Tensor? = Tensor((0..<12).map(Float.init), shape: [3, 4])
        let part = whole!.slice(1..<2).reshape([4] as Shape)

        whole = nil
        churn()

        #expect(part.scalars == [4, 5, 6, 7])
    }

    @Test("a result outlives the backward run that used up its graph, and so do the gradients") func result() {
        let x = Tensor([3, 5]).requiresGrad(true)
        let square = x * x, loss = square.sum()
        loss.backward()
        let gradient = x.grad!

        churn()

        #expect(loss.item == 34 && square.scalars == [9, 25] && gradient.scalars == [6, 10])
        #expect(square.requiresGrad && !square.isLeaf && x.isLeaf)
    }

    @Test("two losses on one trunk, the graph kept by the first, meet gradients of their own") func trunk() {
        let x = Tensor([2]).requiresGrad(true)
        let trunk = x * x
        (trunk * 3).sum().backward(keepingGraph: true)
        churn()
        (trunk * 5).sum().backward()

        #expect(x.grad!.scalars == [4 * 3 + 4 * 5])
    }

    @Test("more objects than can wait at once come and go") func many() {
        for round in 0..<3 {
            let tensors = (0..<1500).map { Tensor([Float($0 + round)]) * 2 }
            #expect(tensors.indices.allSatisfy { tensors[$0].item == Float(2 * ($0 + round)) })
        }
    }

    @Test("tensors that a program keeps, in closures too, are never used again, however long it keeps them") func kept() {
        let x = Tensor([1, 2]).requiresGrad(true)
        let kept = (0..<3).map { x * Float($0) }, product = x * x
        let later = { product.scalars }

        churn(6000)      // more results than the age at which a kept one is left alone

        #expect(kept.map(\.scalars) == [[0, 0], [1, 2], [2, 4]] && later() == [1, 4])
        kept[2].sum().backward()
        #expect(x.grad!.scalars == [2, 2])
    }

    @Test("what a program drops is given back before memory is reported") func dropped() async {
        // A process of its own: other tests have tensors too.
        await #expect(processExitsWith: .success) {
            var large: Tensor? = Tensor.ones([1 << 20])
            let held = large!.count * 4
            guard Compute.memory.liveBytes >= held else { fatalError("\(Compute.memory)") }

            large = nil

            guard Compute.memory.liveBytes < held else { fatalError("\(Compute.memory)") }
        }
    }

    @Test("a graph that is dropped unused lets go of what it kept, and a leaf made of a result stays a leaf") func dropsGraph() async {
        await #expect(processExitsWith: .success) {
            final class Witness {
                nonisolated(unsafe) static var gone = 0
                deinit { Witness.gone += 1 }
            }
            let x = (Tensor([1]) * 2).requiresGrad(true)
            func build() {
                let witness = Witness()
                _ = noGrad { x * x }.recorded(from: [x]) { gradient in withExtendedLifetime(witness) { [gradient] } }
            }
            build()
            _ = Compute.memory

            guard Witness.gone == 1, x.requiresGrad, x.isLeaf else { fatalError("\(Witness.gone) gone") }
        }
    }
}
