import Foundation
import TrackModel

/// Delivers the spools that other processes left, one after the other, on the calling thread.
struct SpoolSync: Sendable {
    var folder: SpoolFolder
    var settings: Settings
    var run: RunID?
    var patience: Duration
    /// Leave out spools that are meant for another server than the settings name.
    var onlyOwnServer = false
    /// Leave alone what living processes write.
    var onlyAbandoned = false
    /// Where everything goes, wherever it was meant to.
    var url: String?
    /// Stay until writers that live have ended.
    var follows = false

    /// Spools that were chosen earlier; `nil` means whatever there is.
    private(set) var chosen: [(folder: String, manifest: Manifest)]?

    /// Concerns itself only with what is abandoned now, not with what will be by the time that it is delivered.
    mutating func chooseAbandoned() {
        chosen = folder.manifests().filter { concerns($0.manifest) && !SpoolFiles(folder: $0.folder, writer: $0.manifest.writer).isGrowing }
    }

    func deliver() -> Spool.SyncReport {
        var report = Spool.SyncReport()
        let started = monotonic_ns()
        repeat {
            let before = report
            report.left = 0
            for (folder, manifest) in chosen ?? folder.manifests() where concerns(manifest) {
                let files = SpoolFiles(folder: folder, writer: manifest.writer)
                if !onlyAbandoned || !files.isGrowing { deliver(files, manifest, &report) }
            }
            if report.left == 0 || !follows || Duration.nanoseconds(monotonic_ns() - started) > .seconds(7 * 86_400) { break }
            if report.rows == before.rows { Track.pause(.seconds(1)) }
        } while true
        folder.tidy()
        return report
    }

    private func concerns(_ manifest: Manifest) -> Bool {
        if let run, manifest.request.id != run { return false }
        return !onlyOwnServer || manifest.url == settings.url
    }

    private func deliver(_ files: SpoolFiles, _ manifest: Manifest, _ report: inout Spool.SyncReport) {
        var messages: [String] = []
        defer { for message in messages where !report.messages.contains(message) { report.messages.append(message) } }
        do {
            guard let states = try StateFile(path: files.path(of: ".state")) else {
                report.left += 1        // its own process, or another sync, has it in hand
                return
            }
            guard files.isThere else { return files.remove() }      // delivered while we came
            deliver(files, manifest, states, &report) { messages.append($0) }
        } catch {
            report.failed += 1
            messages.append("\(error)")
        }
    }

    private func deliver(
        _ files: SpoolFiles, _ manifest: Manifest, _ states: StateFile, _ report: inout Spool.SyncReport, say: @escaping (String) -> Void
    ) {
        let before = states.state
        let client = HTTPClient(url: url ?? manifest.url ?? settings.url, key: settings.apiKey, interruption: HTTPClient.Interruption())
        let courier = Courier(source: files, manifest: manifest, states: states, client: client)
        courier.onNotice = { say($0.text) }
        let problem = MediaSpool(run: files.folder).deliver(
            manifest.writer, url: url ?? manifest.url ?? settings.url, key: settings.apiKey, patience: patience)
        if let problem { say(problem) }
        let outcome = states.state.ended && files.numbersOnDisk().isEmpty ? finishFiles(files) : carry(courier, files)
        report.rows += Int(states.state.rows - before.rows)
        report.points += Int(states.state.points - before.points)
        switch outcome {
        case .delivered where problem != nil: report.failed += 1
        case .delivered: report.delivered += 1
        case .growing: report.left += 1
        case .failed: report.failed += 1
        }
    }

    /// All rows were delivered earlier; only media had been left.
    private func finishFiles(_ files: SpoolFiles) -> Outcome {
        files.remove()
        return files.isThere ? .failed : .delivered
    }

    private enum Outcome { case delivered, growing, failed }

    private func carry(_ courier: Courier, _ files: SpoolFiles) -> Outcome {
        var progress = monotonic_ns(), last = courier.state
        while true {
            let isGrowing = files.isGrowing     // asked before looking for records, so that none can slip in between
            let pause = courier.turn(isUrgent: true, allowsHeartbeat: false, timeout: min(patience, .seconds(60)))
            if courier.state != last { (last, progress) = (courier.state, monotonic_ns()) }
            if courier.state.attempt > 0, courier.isDrained {
                if courier.isDone { files.remove(); return .delivered }
                if isGrowing { return .growing }
                if courier.end == nil, courier.closeAbandoned() { files.remove(); return .delivered }
            }
            let waited = Duration.nanoseconds(monotonic_ns() - progress)
            if waited >= patience || courier.isParked { return .failed }
            if pause > .zero { Track.pause(min(pause, patience - waited, .milliseconds(500))) }
        }
    }
}
