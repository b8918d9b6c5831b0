import TrackModel
import TrackSeries

/// Where an answer ended: what came after can be asked for alone, on the same buckets.
struct SeriesCursor: Equatable {
    /// The last batch that the answer holds.
    let lastBatch: Int64
    /// The grid: where it began, and how wide a bucket is.
    let low: Double
    let width: Double
    /// x of the first point in the last bucket: from there on it may change.
    let from: Double
    /// Whether it went to the end on a linear axis: only such an answer can be continued.
    let isWhole: Bool

    init(lastBatch: Int64, low: Double, width: Double, from: Double, isWhole: Bool) {
        (self.lastBatch, self.low, self.width, self.from, self.isWhole) = (lastBatch, low, width, from, isWhole)
    }

    /// Five fields in hexadecimal: floating-point numbers by their bits, so that they come back as they were.
    var text: String {
        ["1", String(lastBatch, radix: 16), String(low.bitPattern, radix: 16), String(width.bitPattern, radix: 16), String(from.bitPattern, radix: 16),
         isWhole ? "w" : "p"].joined(separator: ".")
    }

    /// `nil` for anything that is not a cursor: the answer is then whole.
    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 6, parts[0] == "1", let batch = Int64(parts[1], radix: 16), let low = UInt64(parts[2], radix: 16),
              let width = UInt64(parts[3], radix: 16), let from = UInt64(parts[4], radix: 16) else { return nil }
        self.init(lastBatch: batch, low: Double(bitPattern: low), width: Double(bitPattern: width), from: Double(bitPattern: from), isWhole: parts[5] == "w")
    }

    struct Continuation {
        let grid: BucketGrid
        let from: Double
        let low: Double
    }

    /// The buckets that may have changed; `nil` if the whole answer has to be made anew: late steps came, or it would grow beyond twice its size.
    func continued(to high: Double, _ history: RunHistory, _ request: SeriesRequest) -> Continuation? {
        guard isWhole, request.query.to == nil, width > 0, width.isFinite, from.isFinite, low.isFinite,
              history.disturbedBatch <= lastBatch, from >= low, high >= from else { return nil }
        let before = ((from - low) / width).rounded(.down), count = ((high - low) / width).rounded(.down) + 1 - before
        guard count >= 1, before + count <= Double(2 * request.buckets) else { return nil }
        let start = low + before * width
        return Continuation(grid: BucketGrid(low: start, high: start + count * width, count: Int(count)), from: from, low: low)
    }
}
