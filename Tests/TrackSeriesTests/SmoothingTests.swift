import Foundation
import Testing
@testable import TrackSeries

@Suite("Smoothing") struct SmoothingTests {
    @Test("the time-weighted average follows its rule", arguments: [0.0, 0.5, 0.9, 0.999])
    func timeWeighted(amount: Double) {
        let (xs, ys) = data(400, seed: 1), range = xs.last! - xs[0], weight = min(amount.squareRoot(), 0.999)
        var average = TimeWeightedAverage(amount: amount, range: range), n = 0.0, d = 0.0, last: Double?
        for (x, y) in zip(xs, ys) {
            let smoothed = average.push(x: x, value: y)
            guard y.isFinite else { continue }
            let a = pow(weight, 1_000 * (x - (last ?? x)) / range)
            (n, d, last) = (n * (last == nil ? 1 : amount == 0 ? 0 : a) + y, d * (last == nil ? 1 : amount == 0 ? 0 : a) + 1, x)
            #expect(abs(smoothed - n / d) <= 1e-9 * max(1, abs(n / d)))
        }
    }

    @Test("the exponential average is the recursion without its start's pull, and leaves a constant alone") func exponential() {
        let (_, ys) = data(300, seed: 2)
        var average = ExponentialAverage(amount: 0.9), m = 0.0, k = 0
        for y in ys {
            let smoothed = average.push(y)
            guard y.isFinite else { continue }
            m = 0.9 * m + 0.1 * y
            k += 1
            #expect(abs(smoothed - m / (1 - pow(0.9, Double(k)))) < 1e-9)
        }
        var constant = ExponentialAverage(amount: 0.99)
        for _ in 0..<100 { #expect(abs(constant.push(3) - 3) < 1e-12) }
    }

    @Test("the Gaussian equals the sum over all points", arguments: [0.001, 0.05, 0.4, 0.999])
    func gaussian(amount: Double) {
        let (xs, ys) = data(500, seed: 3), sigma = GaussianSmoother.sigma(amount: amount, range: xs.last! - xs[0])
        var smoother = GaussianSmoother(sigma: sigma, origin: xs[0])
        for (x, y) in zip(xs, ys) { smoother.push(x: x, value: y) }
        for (x, y) in zip(xs, ys) where y.isFinite {
            var n = 0.0, d = 0.0
            for (other, value) in zip(xs, ys) where value.isFinite {
                let weight = exp(-pow((x - other) / sigma, 2) / 2)
                (n, d) = (n + weight * value, d + weight)
            }
            #expect(abs(smoother.value(at: x) - n / d) < 1e-6)
        }
    }

    @Test("the running average is the mean of its window, shorter at the ends", arguments: [1, 2, 3, 10, 11, 1_000])
    func running(window: Int) {
        let values = data(200, seed: 4).1.filter(\.isFinite), half = window / 2
        var average = RunningAverage(window: window)
        let smoothed = values.compactMap { average.push($0) } + average.finish()

        #expect(smoothed.count == values.count)
        for (index, value) in smoothed.enumerated() {
            let part = values[max(0, index - half)...min(values.count - 1, index + half)]
            #expect(abs(value - part.reduce(0, +) / Double(part.count)) < 1e-9)
        }
    }

    private func data(_ count: Int, seed: UInt64) -> ([Double], [Double]) {
        var random = Random(seed: seed), x = -50.0
        let xs = (0..<count).map { _ in
            x += random.unit() < 0.2 ? 0 : random.unit() * 10
            return x
        }
        return (xs, xs.map { _ in random.next() % 20 == 0 ? [.nan, .infinity, -.infinity][Int(random.next() % 3)] : random.gauss() * 10 })
    }
}
