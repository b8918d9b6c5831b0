import Foundation
import TrackModel

/// Images, texts, tables and files at steps of the run.
///
/// Each is written beside the rows of the spool before the call returns, so that it survives the process as they do; it is sent in the
/// background. Equal contents are stored once. What cannot be kept is counted in ``RunReport/droppedRecords`` and explained once.
extension Run {
    /// Logs a picture.
    /// - Parameters:
    ///   - name: A path: `samples/digits`.
    ///   - step: `nil` means the step of the row logged last.
    /// - Complexity: O(bytes), with one file written on the caller's thread.
    public func log(image: Image, name: String, step: Int? = nil, caption: String? = nil) {
        switch image.content {
        case .encoded(let bytes, let type): keep(bytes, Label(kind: "image", name: name, step: step, caption: caption, contentType: type))
        case .defect(let reason): notices.say("The image \"\(name)\" is not kept: \(reason).")
        }
    }

    /// Logs several pictures under one name and step.
    /// - Parameter captions: In the pictures' order; there may be fewer.
    public func log(images: [Image], name: String, step: Int? = nil, captions: [String] = []) {
        for (index, image) in images.enumerated() {
            log(image: image, name: name, step: step, caption: index < captions.count ? captions[index] : nil)
        }
    }

    /// Logs a text: what a model wrote, a report, a prompt.
    public func log(text: String, name: String, step: Int? = nil, caption: String? = nil) {
        keep(Array(text.utf8), Label(kind: "text", name: name, step: step, caption: caption, contentType: "text/plain; charset=utf-8"))
    }

    /// Logs a table.
    public func log(table: Table, name: String, step: Int? = nil, caption: String? = nil) {
        keep(table.encoded, Label(kind: "table", name: name, step: step, caption: caption, contentType: "application/json"))
    }

    /// What a file is for those who look at it.
    public enum FileKind: String, Sendable { case image, text, audio, video, file }

    /// Logs a file as it is now: it is copied, and may change or go afterwards.
    /// - Parameters:
    ///   - path: Of a regular file of any size; it is read in parts.
    ///   - name: `nil` means the path's last part.
    ///   - kind: `nil` follows the path's ending.
    public func log(file path: String, name: String? = nil, step: Int? = nil, kind: FileKind? = nil, caption: String? = nil) {
        let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
        let (known, type) = Self.types[ending] ?? (.file, "application/octet-stream")
        let label = Label(kind: (kind ?? known).rawValue, name: name ?? URL(fileURLWithPath: path).lastPathComponent, step: step, caption: caption, contentType: type)
        guard isKept(label) else { return }
        refer(mediaCourier.take(file: path, writer: spool.writer), label)
    }

    /// Keeps a file with the run: a checkpoint, the model's settings. The same as ``log(file:name:step:kind:caption:)`` under W&B's name.
    public func save(_ path: String, name: String? = nil, step: Int? = nil) { log(file: path, name: name, step: step, kind: .file) }

    private struct Label {
        var kind: String
        var name: String
        var step: Int?
        var caption: String?
        var contentType: String
    }

    private func keep(_ bytes: [UInt8], _ label: Label) {
        if isKept(label) { refer(mediaCourier.take(bytes, writer: spool.writer), label) }
    }

    private func isKept(_ label: Label) -> Bool {
        if mode == .disabled { return false }
        if (1...500).contains(label.name.utf8.count) { return true }
        notices.say("Media \"\(label.name.prefix(80))\" is not kept: its name has \(label.name.utf8.count) bytes, 1 to 500 are allowed.")
        return false
    }

    private func refer(_ kept: (digest: String, size: Int64)?, _ label: Label) {
        guard let kept else { return }
        append(BatchExtras(media: [MediaReference(
            name: label.name, step: chosen(label.step), time: wallClock_us(), kind: label.kind, digest: kept.digest, size: kept.size,
            contentType: label.contentType, caption: label.caption.map { String($0.prefix(10_000)) })]))
    }

    private static let types: [String: (FileKind, String)] = [
        "png": (.image, "image/png"), "jpg": (.image, "image/jpeg"), "jpeg": (.image, "image/jpeg"), "gif": (.image, "image/gif"), "webp": (.image, "image/webp"),
        "txt": (.text, "text/plain"), "md": (.text, "text/markdown"), "csv": (.text, "text/csv"), "log": (.text, "text/plain"), "json": (.text, "application/json"),
        "yaml": (.text, "text/plain"), "yml": (.text, "text/plain"), "toml": (.text, "text/plain"), "swift": (.text, "text/plain"), "py": (.text, "text/plain"),
        "wav": (.audio, "audio/wav"), "mp3": (.audio, "audio/mpeg"), "ogg": (.audio, "audio/ogg"), "flac": (.audio, "audio/flac"),
        "mp4": (.video, "video/mp4"), "webm": (.video, "video/webm"),
    ]
}

extension Tracker {
    /// See ``Run/log(image:name:step:caption:)``.
    public func log(image: Image, name: String, step: Int? = nil, caption: String? = nil) { run?.log(image: image, name: name, step: step, caption: caption) }

    /// See ``Run/log(images:name:step:captions:)``.
    public func log(images: [Image], name: String, step: Int? = nil, captions: [String] = []) { run?.log(images: images, name: name, step: step, captions: captions) }

    /// See ``Run/log(text:name:step:caption:)``.
    public func log(text: String, name: String, step: Int? = nil, caption: String? = nil) { run?.log(text: text, name: name, step: step, caption: caption) }

    /// See ``Run/log(table:name:step:caption:)``.
    public func log(table: Table, name: String, step: Int? = nil, caption: String? = nil) { run?.log(table: table, name: name, step: step, caption: caption) }

    /// See ``Run/log(file:name:step:kind:caption:)``.
    public func log(file path: String, name: String? = nil, step: Int? = nil, kind: Run.FileKind? = nil, caption: String? = nil) {
        run?.log(file: path, name: name, step: step, kind: kind, caption: caption)
    }

    /// See ``Run/save(_:name:step:)``.
    public func save(_ path: String, name: String? = nil, step: Int? = nil) { run?.save(path, name: name, step: step) }
}
