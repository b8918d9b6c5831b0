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
    /// A run to leave alone, because its process is this one.
    var except: RunID?

    func deliver() -> Spool.SyncReport {
        var report = Spool.SyncReport()
        for (folder, manifest) in folder.manifests() {
            if let run, manifest.request.id != run { continue }
            if let except, manifest.request.id == except, manifest.process == getpid() { continue }
            if onlyOwnServer && manifest.url != settings.url { continue }
            deliver(folder, manifest, &report)
        }
        return report
    }

    private func deliver(_ folder: String, _ manifest: Manifest, _ report: inout Spool.SyncReport) {
        let files = SpoolFiles(folder: folder, writer: manifest.writer)
        guard let states = try? StateFile(path: files.path(of: ".state")) else {
            report.left += 1        // its own process, or another sync, has it in hand
            return
        }
        let before = states.state
        let client = HTTPClient(url: manifest.url ?? settings.url, key: settings.apiKey, interruption: HTTPClient.Interruption())
        let courier = Courier(source: files, manifest: manifest, states: states, client: client)
        var messages: [String] = []
        courier.onNotice = { messages.append($0) }
        let outcome = carry(courier, files, manifest)
        report.rows += Int(states.state.rows - before.rows)
        report.points += Int(states.state.points - before.points)
        switch outcome {
        case .delivered: report.delivered += 1
        case .growing: report.left += 1
        case .failed: report.failed += 1
        }
        for message in messages where !report.messages.contains(message) { report.messages.append(message) }
    }

    private enum Outcome { case delivered, growing, failed }

    private func carry(_ courier: Courier, _ files: SpoolFiles, _ manifest: Manifest) -> Outcome {
        var progress = monotonic_ns(), last = courier.state
        while true {
            let isGrowing = files.isGrowing     // asked before looking for records, so that none can slip in between
            let pause = courier.turn(isUrgent: true, allowsHeartbeat: false, timeout: min(patience, .seconds(60)))
            if courier.state != last { (last, progress) = (courier.state, monotonic_ns()) }
            if courier.state.attempt > 0, courier.isDrained {
                if courier.isDone { files.remove(); return .delivered }
                if isGrowing { return .growing }
                if courier.end == nil {
                    if manifest.leads, courier.isCurrentAttempt { courier.finish(as: .killed) }
                    files.remove()
                    return .delivered
                }
            }
            let waited = Duration.nanoseconds(monotonic_ns() - progress)
            if waited >= patience || courier.isParked { return .failed }
            if pause > .zero { Thread.sleep(forTimeInterval: min(pause, patience - waited, .milliseconds(500)).inSeconds) }
        }
    }
}
