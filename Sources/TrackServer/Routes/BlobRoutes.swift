import HTTPSockets
import TrackModel
import TrackStore

/// Stored files, named by the SHA-256 of their bytes.
struct BlobRoutes {
    let store: any MediaStore

    func register(on api: inout API) {
        let bytes = Endpoint.Body(contentTypes: ["application/octet-stream"], isRequired: false)        // a file may be empty
        api.add(.init(method: .post, path: "/api/v1/blobs", tag: "media", about: "Stores a file; the answer tells its name.", scope: .write, body: bytes,
                      answers: [.json(201, BlobRecord.self, "Stored."), .json(200, BlobRecord.self, "It was there already.")],
                      refusals: [.quotaExceeded, .diskFull], bodyLimit: .max), use: post)
        api.add(.init(method: .put, path: "/api/v1/blobs/{digest}", tag: "media", about: "Stores a file under its SHA-256, which is checked; may be repeated.",
                      scope: .write, body: bytes,
                      answers: [.json(201, BlobRecord.self, "Stored."), .json(200, BlobRecord.self, "It was there already.")],
                      refusals: [.digestMismatch, .quotaExceeded, .diskFull], bodyLimit: .max), use: put)
        api.add(.init(method: .get, path: "/api/v1/blobs/{digest}", tag: "media", about: "Answers a stored file, whole or a range of it.", scope: .read,
                      answers: [.init(status: 200, about: "The file.", body: .init(contentTypes: ["*/*"])),
                                .init(status: 206, about: "The range asked for.", body: .init(contentTypes: ["*/*"])),
                                .empty(304, "The caller has it."), .empty(416, "The range lies outside.")],
                      refusals: [.unknownBlob]), use: get)
    }

    /// `POST /blobs`. Throws `quota_exceeded`, `disk_full`.
    func post(_ call: Call) async throws -> Response { try await receive(call, as: nil) }

    /// `PUT /blobs/{digest}`. Throws `invalid_parameter`, `digest_mismatch`, `quota_exceeded`, `disk_full`.
    func put(_ call: Call) async throws -> Response { try await receive(call, as: try digest(call)) }

    /// Streams the body to the disk; nothing of it stays in memory, and nothing on the disk if it breaks off.
    private func receive(_ call: Call, as digest: String?) async throws -> Response {
        let upload = try await store.makeUpload()
        for try await part in call.request.body { try upload.write(part) }
        let (blob, isNew) = try await store.keep(upload, digest: digest)
        return try .json(blob, status: isNew ? 201 : 200, for: call.request)
    }

    /// `GET /blobs/{digest}`. Throws `unknown_blob`, `invalid_parameter`. Bytes under a digest never change, so that caches may keep them for ever.
    func get(_ call: Call) async throws -> Response {
        let blob = try await store.blob(try digest(call))
        let type = SafeContentType(declared: blob.contentType, start: SafeContentType.start(of: blob.path))
        let name = blob.record.digest.prefix(12) + type.fileExtension
        return .file(blob.path, contentType: type.value, headers: [
            "ETag": "\"\(blob.record.digest)\"", "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Disposition": "\(type.isShown ? "inline" : "attachment"); filename=\"\(name)\"",
        ])
    }

    private func digest(_ call: Call) throws(APIError) -> String {
        let text = call.path("digest")
        guard BlobRecord.isDigest(text) else { throw Call.invalid("digest", text, "64 hexadecimal digits in lower case are needed") }
        return text
    }
}
