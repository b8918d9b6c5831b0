public import TrackModel
public import TrackSeries

/// What rules know of a run beside its series.
public struct RunFacts: Sendable, Equatable {
    public var state: RunState
    /// Milliseconds since 1970.
    public var heartbeatAt: Int64
    public var now: Int64
    public var lastStep: Int64?
    /// The greatest learning rate in the config.
    public var plannedRate: Double?

    public init(state: RunState, heartbeatAt: Int64, now: Int64, lastStep: Int64?, config: JSONValue? = nil) {
        (self.state, self.heartbeatAt, self.now, self.lastStep) = (state, heartbeatAt, now, lastStep)
        plannedRate = config.flatMap(LearningRate.plan)
    }
}

/// All rules over all series of one run, fed point by point: each point is looked at once, whatever the run's length.
///
/// Holds at most ``mostMetrics`` metrics of about 500 bytes, and the curves (8 kB) of at most ``mostCurves`` of them.
public struct RunExamination: Sendable {
    public static let mostMetrics = 10_000, mostCurves = 200

    private var metrics: [String: MetricExamination] = [:]
    private var curves = 0

    public init() {}

    /// About how much memory it holds.
    public var bytes: Int { metrics.count * 500 + curves * 9_000 }

    /// The step up to which a metric has been looked at; `nil` for none.
    public func lastStep(of metric: String) -> Int64? { metrics[metric]?.lastStep }

    /// Adds the next points of a metric: in step order, behind all that came before. O(points).
    public mutating func take(_ points: SeriesPoints, of metric: String, goal: MetricDefinition.Goal? = nil) {
        if points.isEmpty { return }
        if metrics[metric] == nil {
            guard metrics.count < Self.mostMetrics else { return }
            let new = MetricExamination(MetricRole(metric, goal: goal), mayHaveCurve: curves < Self.mostCurves)
            if new.curve != nil { curves += 1 }
            metrics[metric] = new
        }
        metrics[metric]!.take(points)
    }

    /// What all rules find now, newest first. O(metrics).
    public func findings(_ facts: RunFacts) -> [Finding] {
        let loss = metrics.filter { $0.value.role == .trainingLoss }.min { $0.key < $1.key }?.value.curve
        var findings = metrics.flatMap { name, metric in
            metric.findings(in: name, facts, loss: loss) { MetricRole.counterparts(of: name).lazy.compactMap { metrics[$0]?.curve }.first }
        }
        if let life = LifeSigns.finding(facts) { findings.append(life) }
        return findings.sorted { ($0.lastStep ?? .max, $0.severity, $1.kind.rawValue, $1.metric) > ($1.lastStep ?? .max, $1.severity, $0.kind.rawValue, $0.metric) }
    }
}

/// The rules that look at one metric, as its role says.
struct MetricExamination: Sendable {
    let role: MetricRole
    private(set) var lastStep: Int64?
    private(set) var curve: Curve?
    private var notFinite = NotFinite()
    // Rules that need every point in turn.
    private var spikes: Spikes?
    private var largeGradients: ExplodingGradients?
    private var smallGradients: VanishingGradients?
    private var rate: LearningRate?
    private var idle: IdleGPU?

    init(_ role: MetricRole, mayHaveCurve: Bool) {
        self.role = role
        if !mayHaveCurve { return }
        switch role {
        case .trainingLoss: (curve, spikes) = (Curve(), Spikes())
        case .gradientNorm: (largeGradients, smallGradients) = (ExplodingGradients(), VanishingGradients())
        case .learningRate: rate = LearningRate()
        case .gpuUse: idle = IdleGPU()
        case .validation, .deadUnits, .throughput, .processMemory: curve = Curve()
        case .other: break
        }
    }

    mutating func take(_ points: SeriesPoints) {
        lastStep = points.steps.last ?? lastStep
        if !isWatched, points.values.allSatisfy(\.isFinite) { return notFinite.take(finite: points.count) }
        for index in points.values.indices {
            let step = points.steps[index], value = points.values[index]
            notFinite.take(step: step, value: value)
            guard value.isFinite else { continue }
            curve?.take(step: step, time: points.times[index], value: value)
            spikes?.take(step: step, value: value)
            largeGradients?.take(step: step, value: value)
            smallGradients?.take(step: step, value: value)
            rate?.take(step: step, value: value)
            idle?.take(step: step, value: value)
        }
    }

    private var isWatched: Bool { curve != nil || largeGradients != nil || rate != nil || idle != nil }

    func findings(in name: String, _ facts: RunFacts, loss: Curve?, training: () -> Curve?) -> [Finding] {
        notFinite.findings(in: name) + watched(name, facts, loss) + (curve.map { shape($0, name, training) } ?? [])
    }

    private func watched(_ name: String, _ facts: RunFacts, _ loss: Curve?) -> [Finding] {
        [spikes?.finding(in: name), largeGradients?.finding(in: name), smallGradients?.finding(in: name, loss: loss), idle?.finding(in: name)].compactMap(\.self)
            + (rate?.findings(in: name, isRunning: facts.state == .running, plan: facts.plannedRate) ?? [])
    }

    private func shape(_ curve: Curve, _ name: String, _ training: () -> Curve?) -> [Finding] {
        let finding: Finding? = switch role {
        case .trainingLoss: Divergence.finding(in: name, curve) ?? Plateau.finding(in: name, curve)
        case .validation(let smaller): Overfitting.finding(in: name, curve, smallerIsBetter: smaller, training: training())
        case .deadUnits: DeadUnits.finding(in: name, curve)
        case .throughput: Throughput.finding(in: name, curve)
        case .processMemory: MemoryGrowth.finding(in: name, curve)
        default: nil
        }
        return finding.map { [$0] } ?? []
    }
}
