#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Shows how far the fit is: epoch, a bar over batches, loss, accuracy, time left. Plain lines, one an epoch, when nobody watches.
public final class ProgressBar: Callback {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private let clock = ContinuousClock()
    private var began = ContinuousClock.now, lastShown = ContinuousClock.now
    private var firstEpoch = 0
    private var trained: [String: Double] = [:]

    /// - Parameters:
    ///   - isTerminal: Whether a line can be drawn over; found out by default.
    ///   - write: Takes the text, newlines and carriage returns included; standard output by default.
    public init(isTerminal: Bool? = nil, write: ((String) -> Void)? = nil) {
        self.isTerminal = isTerminal ?? (isatty(STDOUT_FILENO) == 1)
        self.write = write ?? { text in
            print(text, terminator: "")
            fflush(nil)
        }
    }

    public override func beforeFit(_ learner: Learner) {
        (began, firstEpoch, trained) = (clock.now, learner.epoch, [:])
        lastShown = began - .seconds(1)
    }

    public override func afterBatch(_ learner: Learner) {
        // Ten lines a second please the eye; more would cost more than small steps do.
        guard isTerminal, learner.phase == .train, clock.now - lastShown > .milliseconds(100) else { return }
        lastShown = clock.now
        let batches = learner.batchIndex + 1
        write("\r\u{1B}[2K" + [
            label(learner), bar(batches, learner.batchCount), "\(batches)/\(learner.batchCount)", "loss \(learner.lossValue.rounded(to: 4))",
            "\(remaining(learner)) left",
        ].joined(separator: "  "))
    }

    public override func afterEpoch(_ learner: Learner) {
        if learner.phase == .train { trained = learner.metrics }
        guard learner.phase == .valid || learner.loaders.valid == nil else { return }
        var parts = [label(learner)]
        if let loss = trained["loss"] { parts.append("loss \(loss.rounded(to: 4))") }
        if learner.phase == .valid {
            if let loss = learner.metrics["loss"] { parts.append("valid loss \(loss.rounded(to: 4))") }
            if let accuracy = learner.metrics["accuracy"] { parts.append("accuracy \((accuracy * 100).rounded(to: 2)) %") }
        }
        parts.append("\(remaining(learner)) left")
        write((isTerminal ? "\r\u{1B}[2K" : "") + parts.joined(separator: "  ") + "\n")
    }

    public override func afterFit(_ learner: Learner) {
        if !learner.stopReason.isEmpty { write((isTerminal ? "\r\u{1B}[2K" : "") + "stopped: \(learner.stopReason)\n") }
    }

    private func label(_ learner: Learner) -> String { "epoch \(learner.epoch + 1)/\(learner.epochs)" }

    private func bar(_ done: Int, _ all: Int) -> String {
        let width = 24, filled = done * width / max(1, all)
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }

    /// What is left takes as long, batch by batch, as what was done.
    private func remaining(_ learner: Learner) -> String {
        let isLast = learner.phase == .valid || learner.loaders.valid == nil
        let part = isLast && learner.batchIndex >= learner.batchCount ? 1 : Double(learner.batchIndex + 1) / Double(max(1, learner.batchCount))
        let done = Double(learner.epoch - firstEpoch) + min(1, part)
        let elapsed = (clock.now - began) / .seconds(1)
        let seconds = Int((elapsed / max(done, 1e-9) * (Double(learner.epochs - firstEpoch) - done)).rounded())
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

extension Double {
    /// The number with so many decimals, without Foundation: `0.5.rounded(to: 2)` is "0.50".
    func rounded(to places: Int) -> String {
        guard isFinite else { return "\(self)" }
        let scale = power(10, Double(places)), value = (magnitude * scale).rounded()
        guard value < 1e15 else { return "\(self)" }
        let digits = String(Int(value))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (self < 0 && value > 0 ? "-" : "") + padded.dropLast(places) + (places > 0 ? "." + padded.suffix(places) : "")
    }
}
