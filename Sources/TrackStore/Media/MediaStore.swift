public import TrackModel

/// What the server needs of a store that keeps files: blobs named by their digest, and which of them belongs to which step of which run.
public protocol MediaStore: Sendable {
    /// Begins to take a file.
    /// - Throws: ``StoreError/quotaExceeded(limit:)``, ``StoreError/diskFull``.
    func makeUpload() async throws -> BlobUpload
    /// Keeps a file that was taken whole; one that is there already stays as it is.
    /// - Parameter digest: What the sender says it is; another one is refused.
    /// - Throws: ``StoreError/digestMismatch(given:actual:)``, ``StoreError/quotaExceeded(limit:)``.
    func keep(_ upload: BlobUpload, digest: String?) async throws -> (blob: BlobRecord, isNew: Bool)
    /// - Throws: ``StoreError/unknownBlob(_:)``, also while it is only referred to.
    func blob(_ digest: String) async throws -> StoredBlob
    /// What a run logged, in step order, hidden attempts left out.
    func media(_ query: MediaQuery) async throws -> MediaPage
    func mediaNames(_ run: RunID) async throws -> [MediaSummary]
}

/// A stored file and what is known of it.
public struct StoredBlob: Sendable, Equatable {
    public var record: BlobRecord
    /// Where it lies.
    public var path: String
    /// As the first reference says; `nil` without one.
    public var contentType: String?
}

/// Which media of a run, from where.
public struct MediaQuery: Sendable, Equatable {
    public var run: RunID
    public var kind: String?
    public var name: String?
    public var from: Int64?
    public var to: Int64?
    /// 1 … 1 000.
    public var limit: Int
    public var cursor: String?

    public init(run: RunID, kind: String? = nil, name: String? = nil, from: Int64? = nil, to: Int64? = nil, limit: Int = 100, cursor: String? = nil) {
        (self.run, self.kind, self.name, self.from, self.to) = (run, kind, name, from, to)
        (self.limit, self.cursor) = (limit, cursor)
    }
}

public struct MediaPage: Sendable, Equatable, Codable {
    public var media: [MediaRecord]
    /// All that the query lets through, whatever the page.
    public var total: Int
    public var nextCursor: String?

    public init(media: [MediaRecord], total: Int, nextCursor: String? = nil) {
        (self.media, self.total, self.nextCursor) = (media, total, nextCursor)
    }
}
