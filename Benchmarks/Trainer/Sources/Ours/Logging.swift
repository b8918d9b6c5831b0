import Foundation
import Layers
import Tensors
import Track
import TrackTraining
import Training

/// A run whose rows stay in a temporary folder.
func withRun<Result>(_ body: (Run) throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "trainer-benchmark-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = Settings()
    (settings.folder, settings.mode) = (folder.path, .offline)
    let run = try await Run.start(project: "benchmark", settings: settings)
    let result = try body(run)
    await run.finish()
    return result
}

/// Milliseconds of a step of the linear regression with one list of callbacks and with another.
private func compareCallbacks(_ first: [Callback], _ second: [Callback], seconds: Double) -> (Double, Double) {
    func makeFit(_ callbacks: [Callback]) -> () -> Void {
        // Many steps a fit, so that what a fit logs once does not count.
        let loader = DataLoader(batches: Array(repeating: line, count: 10_000))
        let learner = Learner(Linear(1, 1), DataLoaders(train: loader), loss: MSELoss(), learningRate: 1e-9, callbacks: callbacks)
        return { try! learner.fit(epochs: 1) }
    }
    let (one, other) = inTurn(makeFit(first), makeFit(second), seconds: seconds)
    return (one / 10_000, other / 10_000)
}

/// Milliseconds of a step of the linear regression without callbacks, and with one that logs the four fields at each.
func measureLogging(seconds: Double) async throws -> (without: Double, with: Double) {
    try await withRun { compareCallbacks([], [TrackCallback(to: $0, histograms: .never)], seconds: seconds) }
}

/// Milliseconds of a step with one callback that overrides nothing, and with eleven. (The first also has the gradients' norm computed.)
func measureEmptyCallbacks(seconds: Double) -> (one: Double, eleven: Double) {
    compareCallbacks([Callback()], (0..<11).map { _ in Callback() }, seconds: seconds)
}

/// Milliseconds of 10 steps of a fit that logs the four fields, without histograms and with those of all parameters and gradients at
/// the last: a tenth of the difference is what they cost in 100 steps.
func measureHistograms(_ workload: String, seconds: Double) async throws -> (without: Double, with: Double) {
    let isPictures = workload == "cnn", count = isPictures ? 128 : 64, shape = isPictures ? [128, 3, 64, 64] : [64, 784]
    var stream = RandomStream(seed: 1)
    let numbers = (0..<shape.reduce(1, *)).map { _ in Float(stream.uniform()) }
    let batch = RawBatch(inputs: RawArray(numbers, shape: shape), targets: .labels((0..<count).map { $0 % 10 }))
    return try await withRun { run in
        func makeFit(_ histograms: TrackCallback.Histograms) -> () -> Void {
            let learner = Learner(
                isPictures ? pictureNetwork() : perceptron(), DataLoaders(train: DataLoader(batches: Array(repeating: batch, count: 10))),
                loss: CrossEntropyLoss(), learningRate: 0.001, callbacks: [TrackCallback(to: run, histograms: histograms)])
            return { try! learner.fit(epochs: 1) }
        }
        return inTurn(makeFit(.never), makeFit(.every(steps: 10)), seconds: seconds)
    }
}

/// Median milliseconds of two calls made in turn, so that both meet the same machine.
func inTurn(_ first: () -> Void, _ second: () -> Void, seconds: Double) -> (Double, Double) {
    first()
    second()
    var times: ([Double], [Double]) = ([], [])
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        times.0.append(ContinuousClock().measure(first) / .milliseconds(1))
        times.1.append(ContinuousClock().measure(second) / .milliseconds(1))
    }
    return (times.0.sorted()[times.0.count / 2], times.1.sorted()[times.1.count / 2])
}
