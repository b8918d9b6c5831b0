import Testing
@testable import Tensors

@Suite("Tensors") struct TensorTests {
    @Test("are made from scalars, arrays, rows and labels") func making() {
        #expect(Tensor(3).shape == [] && Tensor(3).item == 3)
        #expect(Tensor([1, 2, 3]).shape == [3])
        #expect(Tensor([[1, 2], [3, 4], [5, 6]]).shape == [3, 2])
        #expect(Tensor([1, 2, 3, 4], shape: [2, 2])[scalar: 1, 0] == 3)
        #expect(Tensor(labels: [7, 0]).labels == [7, 0])
        #expect(Tensor.identity(2).scalars == [1, 0, 0, 1] && Tensor.range(3).scalars == [0, 1, 2])
        #expect(Tensor.linspace(0, 1, count: 3).scalars == [0, 0.5, 1] && Tensor.full([2], 7).scalars == [7, 7])
        #expect("\(Tensor([1, 2]))" == "Tensor[2](1.0, 2.0)")
    }

    @Test("can be empty") func empty() {
        let none = Tensor.zeros([0, 3])

        #expect((none + none).shape == [0, 3] && (none * 2).count == 0 && none.relu().scalars.isEmpty && none.softmax().count == 0)
        #expect(none.sum().item == 0 && none.sum([0]).scalars == [0, 0, 0] && none.matmul(.zeros([3, 2])).shape == [0, 2])
        #expect(Tensor.concatenate([none, .ones([1, 3])]).shape == [1, 3])
        #expect(Tensor.zeros([0, 3, 8, 8]).conv2d(.zeros([4, 3, 3, 3])).shape == [0, 4, 6, 6])
    }

    @Test("views read the right elements without copying") func views() {
        let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])

        #expect(x.permute(2, 0, 1)[scalar: 3, 1, 2] == 23 && x.permute(2, 0, 1).storage === x.storage)
        #expect(x.transpose().shape == [2, 4, 3] && x.transpose(0, 1)[scalar: 2, 1, 0] == 20)
        #expect(x[1].scalars == (12..<24).map(Float.init) && x[1].storage === x.storage)
        #expect(x.slice(1..<4, dimension: 2, step: 2).scalars == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23])
        #expect(x.reshape([4, -1]).shape == [4, 6] && x.flatten().shape == [2, 12] && x.flatten(from: 0).shape == [24])
        #expect(x.unsqueeze(-1).shape == [2, 3, 4, 1] && x.unsqueeze(0).squeeze(0).shape == x.shape)
        #expect(Tensor([[1], [2]]).expand([2, 3]).scalars == [1, 1, 1, 2, 2, 2])
    }

    @Test("images in channels-last order stay so through elementwise work, and read the same") func channelsLast() {
        let x = sample([2, 5, 6, 3]).permute(0, 3, 1, 2), bias = sample([3, 1, 1], seed: 2)

        let y = (x * 2 + bias).relu() + x

        #expect(y.isChannelsLast && x.isChannelsLast && !x.isContiguous)
        expectClose(y, (x.contiguous() * 2 + bias).relu() + x.contiguous())
        expectClose(x.sum([1]), x.contiguous().sum([1]))
        expectClose(x.mean([0, 2, 3]), x.contiguous().mean([0, 2, 3]))
        expectClose(x.max([2]), x.contiguous().max([2]))
    }

    @Test("a convolution follows its weights when they change in place, by any way") func repackedWeights() {
        let x = sample([1, 2, 5, 5]), w = Parameter(sample([3, 2, 3, 3], seed: 2))
        func expectFresh(_ name: String) {
            expectClose(x.conv2d(w), x.conv2d(w.clone()), tolerance: 0)
        }

        expectFresh("first")
        w.update(Tensor.SGDStep(learningRate: 0.5), gradient: sample([3, 2, 3, 3], seed: 3))
        expectFresh("after a step")
        w.withMutableScalars { $0[5] = 7 }
        expectFresh("after a change")
        w.assign(sample([3, 2, 3, 3], seed: 4))
        expectFresh("after assignment")
    }

    @Test("statistics of a batch in channels-last order are per channel; normalised they are 0 and 1") func normalize() {
        let batch = sample([128, 8, 8, 3], mean: 3, std: 2)

        let mean = batch.mean([0, 1, 2]), std = batch.std([0, 1, 2])
        let normal = (batch - mean) / std

        #expect(mean.shape == [3] && std.shape == [3])
        #expect(normal.mean([0, 1, 2]).scalars.allSatisfy { abs($0) < 1e-4 } && normal.std([0, 1, 2]).scalars.allSatisfy { abs($0 - 1) < 1e-4 })
    }

    @Test("comparisons give 1 and 0; argmax takes the first of equals") func comparisons() {
        let a = Tensor([1, 2, 3]), b = Tensor([3, 2, 1])

        #expect((a .< b).scalars == [1, 0, 0] && (a .<= b).scalars == [1, 1, 0] && (a .> b).scalars == [0, 0, 1])
        #expect((a .>= b).scalars == [0, 1, 1] && a.equals(b).scalars == [0, 1, 0])
        #expect(Tensor([[1, 5, 5], [7, 0, 7]]).argmax().labels == [1, 0] && Tensor([[1, 5], [7, 0]]).argmin(0).labels == [0, 1])
    }

    @Test("assignment, item and in-place changes") func inPlace() {
        let x = Tensor.zeros([2, 2])

        x.assign(Tensor([[1, 2], [3, 4]]).transpose())
        x.withMutableScalars { $0[0] = 9 }
        x.scale(by: 2)

        #expect(x.scalars == [18, 6, 4, 8] && x.sumOfSquares() == 440)
    }

    @Test("random numbers: the same seed, the same numbers; mean and spread as asked; a place in the stream can be restored") func random() {
        var a = RandomStream(seed: 5), b = RandomStream(seed: 5), c = RandomStream(seed: 6)
        let x = Tensor.randn([100_001], mean: 2, std: 3, using: &a)

        #expect(x.scalars == Tensor.randn([100_001], mean: 2, std: 3, using: &b).scalars && x.scalars != Tensor.randn([100_001], using: &c).scalars)
        #expect(abs(x.mean().item - 2) < 0.03 && abs(x.std().item - 3) < 0.03)
        var saved = a
        #expect(a.next() == saved.next())
        let even = Tensor.rand([10_000], in: -1..<3, using: &a)
        #expect(even.min().item >= -1 && even.max().item < 3 && abs(even.mean().item - 1) < 0.05)
    }

    @Test("unused buffers can be given back") func trimming() {
        do { _ = Tensor.zeros([1 << 20]) }
        #expect(Compute.memory.cachedBytes >= 4 << 20)
        Compute.trimMemory()
        #expect(Compute.memory.cachedBytes < 4 << 20)
    }
}
