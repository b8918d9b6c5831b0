/// A learning rate as a pure function of time: what a curve says at step 1 000 needs no 999 steps before it.
public protocol Schedule: Sendable {
    /// The rate at `step`, counted from 0, whether steps are batches or epochs.
    /// - Parameters:
    ///   - base: The rate that the learner was given.
    ///   - steps: How many steps the whole training has.
    func rate(at step: Int, of steps: Int, base: Double) -> Double
}

/// `base · factor^⌊t ÷ every⌋`: PyTorch's `StepLR`.
public struct StepDecay: Schedule {
    /// Steps at one rate.
    public let every: Int
    /// What the rate is multiplied by.
    public let factor: Double

    /// Lowers the rate every `every` steps.
    /// - Precondition: `every` ≥ 1.
    public init(every: Int, factor: Double = 0.1) {
        precondition(every > 0, "StepDecay: every is \(every); it must be at least 1")
        (self.every, self.factor) = (every, factor)
    }

    /// `base · factor^⌊step ÷ every⌋`.
    public func rate(at step: Int, of steps: Int, base: Double) -> Double { base * power(factor, Double(step / every)) }
}

/// Half a cosine from the base rate to `minimum` in `period` steps, then up again: PyTorch's `CosineAnnealingLR`.
/// Source: Loshchilov & Hutter, *SGDR* (2017).
public struct CosineAnnealing: Schedule {
    /// Steps from top to bottom.
    public let period: Int
    /// The bottom.
    public let minimum: Double

    /// Swings between the base rate and `minimum`.
    /// - Precondition: `period` ≥ 1.
    public init(period: Int, minimum: Double = 0) {
        precondition(period > 0, "CosineAnnealing: period is \(period); it must be at least 1")
        (self.period, self.minimum) = (period, minimum)
    }

    /// `minimum + (base − minimum)(1 + cos(π step ÷ period)) ÷ 2`.
    public func rate(at step: Int, of steps: Int, base: Double) -> Double {
        minimum + (base - minimum) * (1 + cosine(.pi * Double(step) / Double(period))) / 2
    }
}

/// Straight up from base ÷ `startDivisor` to the base rate in the first quarter, straight down to 0 in the rest.
///
/// A low start is stable, the high middle leaves plateaus, the long end fine-tunes. The base rate is the peak.
/// Source: Smith & Topin, *Super-Convergence* (2018), in the form of the fastai book, chapter 19.
public struct OneCycleCurve: Schedule {
    /// How a side runs.
    public enum Shape: Sendable, Equatable { case linear, cosine }

    /// The share of all steps that goes up.
    public let riseShare: Double
    /// The first rate is the peak ÷ this.
    public let startDivisor: Double
    /// How both sides run.
    public let shape: Shape

    /// The book's curve by default.
    /// - Precondition: `riseShare` lies between 0 and 1, `startDivisor` above 0.
    public init(riseShare: Double = 0.25, startDivisor: Double = 10, shape: Shape = .linear) {
        precondition(riseShare > 0 && riseShare < 1, "OneCycleCurve: riseShare is \(riseShare); it must lie between 0 and 1")
        precondition(startDivisor > 0, "OneCycleCurve: startDivisor is \(startDivisor); it must be above 0")
        (self.riseShare, self.startDivisor, self.shape) = (riseShare, startDivisor, shape)
    }

    /// Up to `base`, then down to 0.
    public func rate(at step: Int, of steps: Int, base: Double) -> Double {
        let done = Double(step) / Double(steps)
        return done < riseShare
            ? blend(base / startDivisor, base, done / riseShare)
            : blend(base, 0, (done - riseShare) / (1 - riseShare))
    }

    private func blend(_ from: Double, _ to: Double, _ share: Double) -> Double {
        let share = shape == .linear ? share : (1 - cosine(.pi * share)) / 2
        return (1 - share) * from + share * to
    }
}

/// PyTorch's `OneCycleLR`: up from maximum ÷ `startDivisor` until `riseShare`, down to the start ÷ `endDivisor` at the last step.
/// The base rate is the maximum.
public struct OneCycleLR: Schedule {
    /// As PyTorch's `pct_start`, `div_factor`, `final_div_factor`.
    public let riseShare, startDivisor, endDivisor: Double
    /// As PyTorch's `anneal_strategy`.
    public let shape: OneCycleCurve.Shape

    /// PyTorch's curve by default.
    public init(riseShare: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4, shape: OneCycleCurve.Shape = .cosine) {
        (self.riseShare, self.startDivisor, self.endDivisor, self.shape) = (riseShare, startDivisor, endDivisor, shape)
    }

    /// Up to `base`, then down to its `startDivisor · endDivisor`-th part.
    public func rate(at step: Int, of steps: Int, base: Double) -> Double {
        let start = base / startDivisor, end = start / endDivisor
        let peak = riseShare * Double(steps) - 1, last = Double(steps - 1)
        let time = Double(step)
        return time <= peak ? blend(start, base, time / peak) : blend(base, end, (time - peak) / (last - peak))
    }

    private func blend(_ from: Double, _ to: Double, _ share: Double) -> Double {
        shape == .linear ? from + (to - from) * share : to + (from - to) / 2 * (1 + cosine(.pi * share))
    }
}

/// A straight warm-up from 0 in front of another schedule, whose time begins after it.
public struct Warmup<Next: Schedule>: Schedule {
    /// Steps until the base rate is reached.
    public let warmupSteps: Int
    /// What follows.
    public let next: Next

    /// Puts `steps` steps of warm-up in front of `next`.
    public init(steps: Int, then next: Next) { (warmupSteps, self.next) = (steps, next) }

    /// `base · (step + 1) ÷ warmupSteps`, then what `next` says.
    public func rate(at step: Int, of steps: Int, base: Double) -> Double {
        step < warmupSteps
            ? base * Double(step + 1) / Double(warmupSteps)
            : next.rate(at: step - warmupSteps, of: steps - warmupSteps, base: base)
    }
}
