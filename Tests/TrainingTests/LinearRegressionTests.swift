import Layers
import Tensors
import Testing
@testable import Training

@Suite("Linear regression") struct LinearRegressionTests {
    @Test("after the first epochs each loss is 0.98883 times the last") func ratio() throws {
        let losses = try LinearRegression.losses(of: LinearRegression.model(weight: 0.3, bias: -0.2), epochs: 200)

        for epoch in 50..<150 { #expect(abs(losses[epoch + 1] / losses[epoch] - 0.98883) < 1e-4) }
    }

    @Test("from a loss of 0.00234495 the log of the text follows") func log() throws {
        // Along the slow direction of [[35, 5], [5, 1]] the error shrinks evenly; its size gives the first loss.
        let slope = -0.139_9, offset = 0.990_2, meanSquare = (0...10).reduce(0.0) { $0 + (slope * Double($1) + offset) * (slope * Double($1) + offset) } / 11
        let size = (0.002_344_95 / meanSquare).squareRoot()
        let losses = try LinearRegression.losses(
            of: LinearRegression.model(weight: Float(2 + size * slope), bias: Float(1 + size * offset)), epochs: 99)

        let logged: [(Int, Double)] = [(0, 0.00234495), (1, 0.00231876), (2, 0.00229288), (3, 0.00226727), (24, 0.00179095), (95, 0.00080689), (98, 0.00078017)]
        for (epoch, loss) in logged { #expect(abs(losses[epoch] / loss - 1) < 0.01, "epoch \(epoch): \(losses[epoch]) against \(loss)") }
    }

    @Test("a steady step takes no new memory from the system") func memory() throws {
        let learner = LinearRegression.learner(LinearRegression.model(weight: 0, bias: 0))
        try learner.fit(epochs: 5)
        let before = Compute.memory.buffersAllocated
        try learner.fit(epochs: 500)

        // Other suites run beside this one and take buffers too; 500 steps that took some would show thousands.
        #expect(Compute.memory.buffersAllocated - before < 500)
    }
}
