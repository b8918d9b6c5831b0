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
}
