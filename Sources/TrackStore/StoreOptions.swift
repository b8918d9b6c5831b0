public import TrackModel
import TrackSeries

/// How a store behaves. The defaults are safe; each can be set by the server's settings.
public struct StoreOptions: Sendable, Equatable {
    public enum Durability: String, Sendable, Codable, CaseIterable {
        /// Every commit reaches the disk before it is acknowledged: power loss included.
        case full
        /// The system's cache is enough: safe against the death of the process, not of the machine.
        case normal
    }

    public var durability: Durability = .full
    public var limits = BatchLimits()
    /// Bytes of batches that may wait for the writer before more are refused.
    public var queueBytes = 256 << 20
    /// A run's rows that are kept as batches before they are folded into chunks: a whole group, so that hardly any is written twice.
    public var foldRows = RowGroup.size
    /// A quiet run is folded after this many seconds, whatever its size.
    public var foldQuietSeconds = 60.0
    /// Bytes of recent batches kept in memory, so that live charts need no disk.
    public var tailCacheBytes = 32 << 20
    /// Bytes that the database's log may grow to before the writer stops for a moment to empty it.
    public var logBytes = 64 << 20
    /// Bytes that each of the journal's two files may hold; without any, every batch becomes a row at once.
    public var journalBytes = 48 << 20
    /// Bytes that stored files may take together; more are refused. As much as the disk has, if nothing is said.
    public var blobQuota = Int64.max
    /// Days that a run lies in the bin before it is deleted for ever.
    public var binDays = 30
    /// Connections that read.
    public var readers = 4
    /// Whether batches are folded by themselves; tests and tools switch it off, `pauseFolding` does so for a while.
    public var foldsInBackground = true

    public init(durability: Durability = .full, limits: BatchLimits = BatchLimits()) {
        (self.durability, self.limits) = (durability, limits)
    }
}
