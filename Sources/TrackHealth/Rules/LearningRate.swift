import TrackModel

/// A learning rate that is 0 while the run goes on, or above what the config plans.
struct LearningRate: Sendable, Equatable {
    static let least = 3, above = 1.01, farAbove = 10.0

    private var zeros = 0
    private var zeroSteps: ClosedRange<Int64>?
    private var greatest = 0.0
    private var greatestStep: Int64 = 0
    private var wasPositive = false

    mutating func take(step: Int64, value: Double) {
        if value > greatest { (greatest, greatestStep) = (value, step) }
        guard value == 0 else { (zeros, zeroSteps, wasPositive) = (0, nil, true); return }
        zeros += 1
        zeroSteps = (zeroSteps?.lowerBound ?? step)...step
    }

    /// - Parameter plan: The greatest rate that the config names.
    func findings(in metric: String, isRunning: Bool, plan: Double?) -> [Finding] {
        var findings: [Finding] = []
        if isRunning, let zeroSteps, zeros >= Self.least, wasPositive || zeros >= 100 {
            findings.append(Finding(.zeroRate, .warning, metric: metric, steps: zeroSteps, numbers: [.init("points in a row", Double(zeros))]))
        }
        if let plan, plan > 0, greatest > Self.above * plan {
            let severity: FindingSeverity = greatest > Self.farAbove * plan ? .warning : .info
            findings.append(Finding(.highRate, severity, metric: metric, steps: greatestStep...greatestStep, numbers: [.init("greatest", greatest), .init("planned", plan)]))
        }
        return findings
    }

    /// The greatest learning rate in a config, whatever it is called there.
    static func plan(in config: JSONValue) -> Double? {
        config.flattened().compactMap { key, value -> Double? in
            let name = key.split(separator: ".").last.map { $0.lowercased().filter { $0 != "_" && $0 != "-" } } ?? ""
            guard ["lr", "learningrate", "maxlr", "peaklr", "maxlearningrate", "peaklearningrate"].contains(name) else { return nil }
            switch value {
            case .number(let number): return number
            case .integer(let number): return Double(number)
            default: return nil
            }
        }.max()
    }

    static let zeroWords = FindingWords(
        title: "{metric} is 0 while the run goes on", why: "With a learning rate of 0 nothing is learned any more.",
        advice: "End the run, or check the schedule.", rule: "The last \(least) points or more are 0, after a rate above 0 or for 100 points, and the run is running.")
    static let highWords = FindingWords(
        title: "{metric} is above what the config plans", why: "A rate that is too large makes training unstable; often a scaling by batch size or workers is applied twice.",
        advice: "Compare the schedule with the config.",
        rule: "A value above 1.01 times the greatest learning rate in the config (lr, learning_rate, max_lr …). A warning from 10 times on.")
}
