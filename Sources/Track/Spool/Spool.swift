import Foundation

/// The rows on this machine that wait to be delivered.
public enum Spool {
    /// What one writer has waiting.
    public struct Entry: Sendable, Equatable {
        public var run: RunID
        public var project: String
        public var writer: String
        /// Where its rows are to go.
        public var url: String?
        /// The process that writes, and whether it still lives.
        public var process: Int32
        public var isAlive: Bool
        /// Bytes of segments on disk, including room that is not used yet.
        public var bytes: Int
        /// What the server has acknowledged.
        public var storedRows: Int
        /// Batches that the server refused, kept for a human.
        public var refusedBatches: Int
        /// Milliseconds since 1970.
        public var startedAt: Int64
        /// The folder that holds its files.
        public var folder: String
    }

    /// What a delivery came to.
    public struct SyncReport: Sendable, Equatable {
        /// Writers whose rows are now all stored, and whose files are removed.
        public var delivered = 0
        /// Writers that still write, or that another process delivers.
        public var left = 0
        /// Writers whose rows could not all be delivered.
        public var failed = 0
        public var rows = 0
        public var points = 0
        /// What went wrong, and what to do, each once.
        public var messages: [String] = []
    }

    /// Lists what waits, oldest first.
    /// - Parameter directory: The spool folder; `nil` means that of the settings.
    public static func entries(directory: String? = nil, settings: Settings? = nil) throws -> [Entry] {
        let settings = try settings ?? Settings.load()
        return try SpoolFolder.named(directory, settings).manifests().map { folder, manifest in
            let files = SpoolFiles(folder: folder, writer: manifest.writer)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return Entry(
                run: manifest.request.id!, project: manifest.request.project, writer: manifest.writer, url: manifest.url,
                process: manifest.process, isAlive: files.isGrowing, bytes: files.bytesOnDisk,
                storedRows: Int(StateFile.peek(files.path(of: ".state")).rows),
                refusedBatches: names.count { $0.hasPrefix(manifest.writer) && $0.hasSuffix(".refused") },
                startedAt: manifest.startedAt, folder: folder)
        }
    }

    /// Delivers what waits: of runs that were offline, whose server was away, or whose process was killed. May be called while
    /// the writer lives, again after it was interrupted, and twice at once: nothing is stored twice.
    ///
    /// - Parameters:
    ///   - directory: The spool folder, the folder that holds it, or one run's folder in it; `nil` means that of the settings.
    ///   - run: Only this run.
    ///   - patience: How long a server that does not answer is waited for.
    ///   - url: Where everything goes, wherever it was meant to; `nil` means where each run was started for.
    ///   - follows: Whether to stay, and deliver, until the processes that still write have ended.
    /// - Throws: ``SpoolError/cannotRead(path:reason:)`` for a directory that is not there.
    public static func sync(
        directory: String? = nil, run: RunID? = nil, settings: Settings? = nil, patience: Duration = .seconds(30), url: String? = nil,
        follows: Bool = false
    ) async throws -> SyncReport {
        let settings = try settings ?? Settings.load()
        let sync = SpoolSync(
            folder: try SpoolFolder.named(directory, settings), settings: settings, run: run, patience: patience, url: url, follows: follows)
        return await onThread("track-sync", stack: 1 << 20) { sync.deliver() }
    }
}

/// The spool folder, or one run's folder.
struct SpoolFolder: Sendable {
    var path: String

    /// What a user means: `~/.track` is taken for the spool in it.
    static func named(_ directory: String?, _ settings: Settings) throws -> SpoolFolder {
        guard let directory else { return SpoolFolder(path: settings.spoolFolder) }
        guard access(directory, R_OK | X_OK) == 0 else { throw SpoolError.cannotRead(path: directory, reason: systemError()) }
        let inner = directory + "/spool"
        return SpoolFolder(path: access(inner, F_OK) == 0 ? inner : directory)
    }

    /// Every writer's folder and manifest, oldest first. What cannot be read is passed over.
    func manifests() -> [(folder: String, manifest: Manifest)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let folders = names.contains { $0.hasSuffix(".json") } ? [path] : names.map { path + "/" + $0 }
        return folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".json") }.compactMap { name in
                (try? Manifest.load(folder + "/" + name)).map { (folder, $0) }
            }
        }.filter { $0.manifest.request.id != nil }.sorted { $0.manifest.startedAt < $1.manifest.startedAt }
    }
}

extension SpoolFolder {
    /// Removes what processes left that were killed while they made or removed a spool: files of an hour ago and longer without a manifest beside
    /// them, and empty folders.
    func tidy() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where RunID(name) != nil {
            let folder = path + "/" + name, names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for file in names where file.hasSuffix(".state") || file.hasSuffix(".new") {
                let writer = file.prefix { $0 != "." }
                var status = stat()
                guard !names.contains(writer + ".json"), stat(folder + "/" + file, &status) == 0,
                      Int64(modified(status)) < wallClock_us() / 1_000_000 - 3_600 else { continue }
                unlink(folder + "/" + file)
            }
            rmdir(folder)
        }
    }
}

extension SpoolFiles {
    var bytesOnDisk: Int {
        numbersOnDisk().reduce(0) { sum, number in
            let path = folder + "/" + SpoolFormat.segmentName(writer: writer, number: number)
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }
}

/// Seconds since 1970.
private func modified(_ status: stat) -> Int {
    #if os(Linux)
    status.st_mtim.tv_sec
    #else
    status.st_mtimespec.tv_sec
    #endif
}
