import TrackModel

/// The run has become slow: a logged rate (samples, tokens or steps per second) fell by half.
enum Throughput {
    static let least = 60, drop = 0.5, edge = 0.7

    static func finding(in metric: String, _ curve: Curve) -> Finding? {
        let stretches = curve.stretches
        guard curve.count >= least, let now = curve.level else { return nil }
        let before = stretches.dropFirst(stretches.count / 20).dropLast(curve.tail(0.1).count)
        guard let usual = median(before.map(\.mean)), usual > 0, now < drop * usual else { return nil }
        return Finding(.throughput, .warning, metric: metric, steps: curve.steps(behindLast: { $0.mean >= edge * usual }),
                       numbers: [.init("usual", usual), .init("now", now)])
    }

    static let words = FindingWords(
        title: "{metric} has dropped", why: "The same work takes twice as long: the run ends later and costs more.",
        advice: "Look at the data loader, at other programs on the machine, at thermal limits, and at memory that is being swapped.",
        rule: "From \(least) points on: the median of the last tenth is below half of the median before it, the first twentieth left out.")
}

/// A GPU that mostly waits.
struct IdleGPU: Sendable, Equatable {
    static let busy = 10.0, least = 30, share = 0.5

    private var seen = 0
    private var idle = 0
    private var sum = 0.0
    private var steps: ClosedRange<Int64>?

    mutating func take(step: Int64, value: Double) {
        seen += 1
        sum += value
        guard value < Self.busy else { return }
        idle += 1
        steps = min(steps?.lowerBound ?? step, step)...max(steps?.upperBound ?? step, step)
    }

    func finding(in metric: String) -> Finding? {
        guard let steps, seen >= Self.least, Double(idle) >= Self.share * Double(seen) else { return nil }
        return Finding(.idleGPU, .warning, metric: metric, steps: steps, numbers: [
            .init("share of samples below 10 %", Double(idle) / Double(seen)), .init("mean use in %", sum / Double(seen)), .init("samples", Double(seen)),
        ])
    }

    static let words = FindingWords(
        title: "The GPU waits: {metric}", why: "Most of the time that is paid for is not used.",
        advice: "Prefetch and decode in more workers, use larger batches, keep values on the device instead of reading them each step.",
        rule: "At least \(least) samples, of which half or more are below 10 %.")
}

/// Memory of the process that only ever grows.
enum MemoryGrowth {
    static let least = 60, parts = 8, share = 0.2, mebibytes = 256.0, seconds = 600.0

    static func finding(in metric: String, _ curve: Curve) -> Finding? {
        let stretches = curve.stretches.dropFirst(curve.stretches.count / 5)
        guard curve.count >= least, let first = stretches.first, let last = stretches.last, stretches.count >= parts else { return nil }
        let levels = (0..<parts).map { part in
            let range = stretches.startIndex + stretches.count * part / parts..<stretches.startIndex + stretches.count * (part + 1) / parts
            return stretches[range].reduce(0) { $0 + $1.mean } / Double(range.count)
        }
        let growth = levels[parts - 1] - levels[0], duration = Double(last.lastTime - first.firstTime) / 1e6
        guard zip(levels, levels.dropFirst()).allSatisfy({ $0 < $1 }), growth > share * levels[0], growth > mebibytes, duration >= seconds else { return nil }
        return Finding(.memoryGrowth, .warning, metric: metric, steps: first.firstStep...last.lastStep, numbers: [
            .init("MiB then", levels[0]), .init("MiB now", levels[parts - 1]), .init("MiB an hour", growth / duration * 3_600 * Double(parts) / Double(parts - 1)),
        ])
    }

    static let words = FindingWords(
        title: "Memory keeps growing: {metric}", why: "A process that never gives back is ended by the system sooner or later.",
        advice: "Look for lists that collect tensors or losses with their graphs; detach what is only logged.",
        rule: "From \(least) samples over ten minutes on, the first fifth left out: eight equal parts each lie above the one before, by 20 % and 256 MiB in all.")
}

/// Runs that failed, and runs that are said to go on and give no sign of life.
enum LifeSigns {
    static func finding(_ facts: RunFacts) -> Finding? {
        let steps = facts.lastStep.map { $0...$0 }
        if facts.state == .failed { return Finding(.failed, .error, steps: steps) }
        guard facts.state == .running, facts.now - facts.heartbeatAt >= RunState.silence else { return nil }
        return Finding(.silent, .warning, steps: steps)
    }

    static let silentWords = FindingWords(
        title: "No sign of life for two minutes", why: "A running process tells that it lives every few seconds: this one is stuck, or cannot reach the server.",
        advice: "Look at the process and at its machine; what it could not send waits in its spool.",
        rule: "The run is running, and neither rows nor a heartbeat came for 120 seconds.")
    static let failedWords = FindingWords(
        title: "The run failed", why: "Its process ended with an error, so the last values may not be final.",
        advice: "Read the end of its log, then resume from the last checkpoint.", rule: "The client said so when the process ended.")
}
