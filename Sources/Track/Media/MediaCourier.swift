import Foundation

/// Keeps a run's media on disk and carries them to the server, on a thread that is there only while something waits.
final class MediaCourier: @unchecked Sendable {        // `lock` guards all variables
    private let spool: MediaSpool
    private let url: String
    private let key: String?
    private let isOnline: Bool
    private let limit: Int64
    private let notices: Notices
    let lock = Lock()
    private var interruption = HTTPClient.Interruption()
    private var writers: Set<String> = []
    private var waitingBytes: Int64 = 0
    private var isRunning = false
    private var isHurried = false
    private var deadline_ns: Int64 = .max
    private var generation = ForkGuard.generation.load(ordering: .relaxed)
    /// What this process has delivered: equal contents need no second file.
    private var stored: Set<String> = []
    private var droppedFiles = 0

    init(folder: String, settings: Settings, url: String, notices: Notices) {
        spool = MediaSpool(run: folder)
        (self.url, key, isOnline, limit, self.notices) = (url, settings.apiKey, settings.mode == .online, Int64(settings.spoolLimit), notices)
    }

    // MARK: Asked by the run

    /// Writes bytes down.
    /// - Returns: What they are known by; `nil` if they cannot be kept.
    func take(_ bytes: [UInt8], writer: String) -> (digest: String, size: Int64)? {
        let digest = SHA256.digest(of: bytes), size = Int64(bytes.count)
        if locked({ stored.contains(digest) }) { return (digest, size) }
        return keep(writer, size) { _ in
            try spool.write(bytes, digest: digest, writer: writer)
            return (digest, size)
        }
    }

    /// Copies a file.
    func take(file: String, writer: String) -> (digest: String, size: Int64)? {
        keep(writer, 0) { room in try spool.copy(file, writer: writer, limit: room) }
    }

    private func keep(_ writer: String, _ size: Int64, _ write: (_ room: Int64) throws -> (digest: String, size: Int64)) -> (digest: String, size: Int64)? {
        let room = locked { limit - waitingBytes }
        do {
            guard size <= room else { throw SpoolError.cannotWrite(path: spool.folder, reason: "\(limit >> 20) MiB of media wait, which is the spool's limit") }
            let kept = try write(room)
            begin(writer, kept.size)
            return kept
        } catch {
            locked { droppedFiles += 1 }
            notices.say("\(error) The file is not kept.")
            return nil
        }
    }

    private func begin(_ writer: String, _ size: Int64) {
        locked {
            writers.insert(writer)
            waitingBytes += size
            guard isOnline, !isRunning else { return }
            isRunning = true
            inBackground("track-media", stack: 512 << 10) { [self] in work() }
        }
    }

    private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
        try lock.withLock {
            if generation != ForkGuard.generation.load(ordering: .relaxed) { forgetParent() }
            return try body()
        }
    }

    /// The child of a `fork()` has its own writer and none of the parent's threads.
    private func forgetParent() {
        generation = ForkGuard.generation.load(ordering: .relaxed)
        (isRunning, writers, waitingBytes, interruption) = (false, [], 0, HTTPClient.Interruption())
    }

    /// How many files could not be kept, or were refused.
    var dropped: Int { locked { droppedFiles } }

    /// How many files are not delivered.
    var waiting: Int { locked { writers }.reduce(0) { $0 + spool.waiting($1).count } }

    /// Waits until the disk has what waits.
    func synchronize() { for writer in locked({ writers }) { spool.synchronize(writer) } }

    /// Delivers what waits.
    /// - Returns: Whether nothing is left; offline, files stay and that is as it should be.
    func finish(within limit: Duration) async -> Bool {
        if !isOnline || !locked({ isRunning }) { return !isOnline || waiting == 0 }
        return await onThread("track-finish") { [self] in finishBlocking(within: limit) }
    }

    /// The same on this thread.
    @discardableResult
    func finishBlocking(within limit: Duration) -> Bool {
        let deadline = monotonic_ns(after: limit)
        locked {
            (isHurried, deadline_ns) = (true, min(deadline_ns, deadline))
            interruption.deadline_ns.store(deadline_ns, ordering: .relaxed)
            lock.signal()
            while isRunning, monotonic_ns() < deadline { lock.wait(atMost: .milliseconds(50)) }
        }
        return !isOnline || waiting == 0
    }

    /// Delivers what waits now, without ending.
    func flush(within limit: Duration) async -> Bool {
        if !isOnline || !locked({ isRunning }) { return !isOnline || waiting == 0 }
        return await onThread("track-flush") { [self] in
            let ends = monotonic_ns(after: limit)
            locked {
                isHurried = true
                lock.signal()
                while isRunning, monotonic_ns() < ends { lock.wait(atMost: .milliseconds(50)) }
            }
            return waiting == 0
        }
    }

    // MARK: The thread

    private func work() {
        let client = BlobClient(url: url, key: key, interruption: locked { interruption })
        var backoff = Backoff(seed: UInt64(bitPattern: monotonic_ns()))
        var queue: [MediaSpool.File] = []
        while let file = next(&queue) {
            let verdict = MediaVerdict(client.send(file)), pause = settle(verdict, file, &backoff)
            if pause > .zero, !rest(pause) { return locked { isRunning = false; lock.signal() } }
        }
    }

    /// The next file; none ends the thread, in one step with saying so.
    private func next(_ queue: inout [MediaSpool.File]) -> MediaSpool.File? {
        if let file = queue.popLast() { return file }
        return locked {
            queue = writers.flatMap(spool.waiting)
            if let file = queue.popLast() { return file }
            (isRunning, isHurried, waitingBytes) = (false, false, 0)
            lock.signal()
            return nil
        }
    }

    /// - Returns: How long to wait.
    private func settle(_ verdict: MediaVerdict, _ file: MediaSpool.File, _ backoff: inout Backoff) -> Duration {
        switch verdict {
        case .stored:
            unlink(file.path)
            backoff.succeed()
            locked { if stored.count < 100_000 { stored.insert(file.digest) } }
            return .zero
        case .again(let after): return max(backoff.next(), after ?? .zero)
        case .parked(let notice):
            notices.say(notice)
            return .seconds(60)
        case .refused(let notice):
            notices.say(notice)
            rename(file.path, file.path + ".refused")
            locked { droppedFiles += 1 }
            return .zero
        }
    }

    /// - Returns: `false` once the deadline has come.
    private func rest(_ pause: Duration) -> Bool {
        locked {
            let ends = monotonic_ns() + pause.nanoseconds
            while monotonic_ns() < ends, monotonic_ns() < deadline_ns {
                if isHurried, pause < .seconds(60) { isHurried = false; break }      // somebody waits: once more at once
                lock.wait(atMost: .nanoseconds(max(1_000_000, min(ends, deadline_ns) - monotonic_ns())))
            }
            return monotonic_ns() < deadline_ns
        }
    }
}

extension MediaSpool {
    /// Delivers what a writer left, one file after the other, on this thread.
    /// - Returns: What went wrong; `nil` if nothing is left.
    func deliver(_ writer: String, url: String, key: String?, patience: Duration) -> String? {
        let files = waiting(writer)
        if files.isEmpty { return nil }
        let client = BlobClient(url: url, key: key, interruption: HTTPClient.Interruption())
        var backoff = Backoff(seed: UInt64(bitPattern: monotonic_ns()))
        for file in files {
            let ends = monotonic_ns() + patience.nanoseconds
            sending: while true {
                switch MediaVerdict(client.send(file)) {
                case .stored: unlink(file.path); break sending
                case .refused(let notice): rename(file.path, file.path + ".refused"); return notice
                case .parked(let notice): return notice
                case .again(let after):
                    let pause = max(backoff.next(), after ?? .zero)
                    if monotonic_ns() + pause.nanoseconds > ends { return "\(files.count) media files could not be sent: the server at \(url) does not take them now." }
                    Track.pause(pause)
                }
            }
        }
        return nil
    }
}
