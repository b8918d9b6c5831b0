/// A stored file as the API answers it.
public struct BlobRecord: Sendable, Equatable, Codable {
    /// SHA-256 of the bytes, 64 lower-case hexadecimal digits: the file's name.
    public var digest: String
    /// In bytes.
    public var size: Int64

    public init(digest: String, size: Int64) { (self.digest, self.size) = (digest, size) }

    /// Whether a text can be a digest.
    public static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

/// A stored file at a step of a run, as lists show it.
public struct MediaRecord: Sendable, Equatable, Codable {
    public var name: String
    public var step: Int64
    /// Microseconds since 1970.
    public var time: Int64
    /// `image`, `text`, `table`, `audio`, `video`, `file`.
    public var kind: String
    /// The file: `GET /api/v1/blobs/{digest}`.
    public var digest: String
    /// In bytes.
    public var size: Int64
    public var contentType: String
    public var caption: String?
    /// Which attempt of the run logged it.
    public var attempt: Int
    /// The file itself has not come yet.
    public var pending: Bool

    public init(_ reference: MediaReference, attempt: Int, pending: Bool) {
        (name, step, time, kind) = (reference.name, reference.step, reference.time, reference.kind)
        (digest, size, contentType, caption) = (reference.digest, reference.size, reference.contentType, reference.caption)
        (self.attempt, self.pending) = (attempt, pending)
    }
}

/// Everything of one name and kind in a run.
public struct MediaSummary: Sendable, Equatable, Codable {
    public var name: String
    public var kind: String
    public var count: Int
    public var firstStep: Int64
    public var lastStep: Int64

    public init(name: String, kind: String, count: Int, firstStep: Int64, lastStep: Int64) {
        (self.name, self.kind, self.count) = (name, kind, count)
        (self.firstStep, self.lastStep) = (firstStep, lastStep)
    }
}
