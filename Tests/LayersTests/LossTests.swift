import Tensors
import Testing
@testable import Layers

@Suite("Losses") struct LossTests {
    let logits = Tensor([[1, -2, 0.5], [0, 3, -1]]), labels = Tensor(labels: [2, 1])

    @Test("cross-entropy stays finite for logits of ±1e4, and its gradient too") func extremes() {
        let x = Tensor([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]]).requiresGrad(true)

        let loss = CrossEntropyLoss()(x, Tensor(labels: [1, 0]))
        loss.backward()

        #expect(abs(loss.item - (2e4 + 1.0986123) / 2) < 1)
        #expect(x.grad!.scalars.allSatisfy { $0.isFinite } && x.logSoftmax().scalars.allSatisfy { $0.isFinite })
    }

    @Test("cross-entropy is NLL of log-softmax") func definition() {
        #expect(abs(CrossEntropyLoss()(logits, labels).item - NLLLoss()(logits.logSoftmax(), labels).item) < 1e-6)
    }

    @Test("focal loss with γ = 0 and α = 1 is cross-entropy; otherwise −α (1 − p)^γ log p") func focal() {
        #expect(abs(FocalLoss(gamma: 0)(logits, labels).item - CrossEntropyLoss()(logits, labels).item) < 1e-6)

        let p = logits.softmax().picked(labels).scalars, losses = FocalLoss(gamma: 2, alpha: [0.5, 0.25, 2], reduction: .none)(logits, labels).scalars
        for (row, alpha) in [2, 0.25].enumerated() as EnumeratedSequence<[Float]> {
            let expected = -alpha * (1 - p[row]) * (1 - p[row]) * Tensor(p[row]).log().item
            #expect(abs(losses[row] - expected) < 1e-5)
        }
    }

    @Test("focal loss's gradient meets finite differences") func focalGradient() {
        let x = logits.clone().detach().requiresGrad(true), loss = FocalLoss(gamma: 2)
        loss(x, labels).backward()

        for place in 0..<x.count {
            func value(_ shift: Float) -> Float {
                var scalars = x.scalars
                scalars[place] += shift
                return loss(Tensor(scalars, shape: x.shape), labels).item
            }
            #expect(abs((value(0.01) - value(-0.01)) / 0.02 - x.grad!.scalars[place]) < 1e-3)
        }
    }

    @Test("smoothing 0 is plain cross-entropy; one-hot soft targets are labels; any soft targets are taken") func smoothing() {
        let plain = CrossEntropyLoss()(logits, labels).item

        #expect(CrossEntropyLoss(smoothing: 0)(logits, labels).item == plain)
        #expect(abs(CrossEntropyLoss()(logits, labels.oneHot(3)).item - plain) < 1e-6)
        let smooth = CrossEntropyLoss(smoothing: 0.3)(logits, labels).item
        #expect(abs(CrossEntropyLoss()(logits, labels.oneHot(3) * 0.7 + 0.1).item - smooth) < 1e-6)
        #expect(CrossEntropyLoss()(logits, Tensor([[0.021, 0.009, 0.97], [0.2, 0.5, 0.3]])).item.isFinite)
    }

    @Test("binary cross-entropy takes logits of any size") func binary() {
        let x = Tensor([[-1000], [1000], [0]]), t = Tensor([[1], [1], [0]])

        let losses = BCEWithLogitsLoss(reduction: .none)(x, t).scalars

        #expect(losses[0] == 1000 && losses[1] == 0 && abs(losses[2] - 0.6931472) < 1e-6)
    }

    @Test("reductions: the mean is the sum over the number of examples; none keeps one loss each") func reductions() {
        for make in [{ CrossEntropyLoss(reduction: $0) }, { FocalLoss(reduction: $0) }] as [(Reduction) -> Loss] {
            let each = make(.none)(logits, labels)
            #expect(each.shape == [2])
            #expect(abs(make(.sum)(logits, labels).item - each.scalars.reduce(0, +)) < 1e-6)
            #expect(abs(make(.mean)(logits, labels).item - each.scalars.reduce(0, +) / 2) < 1e-6)
        }
        #expect(MSELoss(reduction: .none)(logits, logits * 2).shape == [2, 3])
    }
}
