public import TrackModel

/// What a rule says in words; `{metric}` in the title stands for the metric's name.
public struct FindingWords: Sendable {
    public let title: String
    /// Why it matters.
    public let why: String
    /// What to try.
    public let advice: String
    /// The rule itself: its formula, with its thresholds.
    public let rule: String

    /// The words of a kind.
    public init(_ kind: FindingKind) {
        self = switch kind {
        case .nan: NotFinite.nanWords
        case .infinity: NotFinite.infinityWords
        case .spike: Spikes.words
        case .divergence: Divergence.words
        case .plateau: Plateau.words
        case .overfitting: Overfitting.words
        case .explodingGradients: ExplodingGradients.words
        case .vanishingGradients: VanishingGradients.words
        case .deadUnits: DeadUnits.words
        case .zeroRate: LearningRate.zeroWords
        case .highRate: LearningRate.highWords
        case .throughput: Throughput.words
        case .idleGPU: IdleGPU.words
        case .memoryGrowth: MemoryGrowth.words
        case .silent: LifeSigns.silentWords
        case .failed: LifeSigns.failedWords
        }
    }

    init(title: String, why: String, advice: String, rule: String) { (self.title, self.why, self.advice, self.rule) = (title, why, advice, rule) }

    /// The title with the metric's name in it.
    public func title(of metric: String) -> String { title.replacing("{metric}", with: metric) }
}
