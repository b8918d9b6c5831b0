/// What one batch may hold. The server's configuration may lower or raise each.
public struct BatchLimits: Sendable, Equatable, Codable {
    /// Bytes of a body, after decompression.
    public var bodyBytes = 32 << 20
    /// UTF-8 bytes of a metric's name.
    public var nameBytes = 500
    /// Levels of arrays and objects.
    public var nesting = 32
    /// Distinct metrics of a run.
    public var metricsPerRun = 100_000
    /// Rows of one batch.
    public var rows = 1_000_000
    /// Bins of one histogram.
    public var histogramBins = 512

    public init() {}
}
