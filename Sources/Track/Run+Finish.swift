import Foundation
public import TrackModel

extension Run {
    /// Ends the run: delivers what waits, within `deadline`, and tells what came of it.
    ///
    /// When the server does not answer in time, the rest stays in the spool; a detached `track sync` delivers it, if that command is found, else
    /// the next start of any run, or `track sync` by hand. Calling it again returns the same report.
    /// - Parameters:
    ///   - state: `failed` when the program's work did not succeed.
    ///   - deadline: The longest that the caller waits.
    @discardableResult
    public func finish(_ state: RunState = .finished, exitCode: Int? = nil, deadline: Duration = .seconds(30)) async -> RunReport {
        if let report = lifetime.withLock({ $0.report }) { return report }
        collector.noticeFork()
        let started = monotonic_ns()
        if mode != .disabled { declareEnd(state, exitCode) }
        let delivered = mode == .disabled ? true : await deliverRest(within: deadline)
        let report = currentReport(lag: .nanoseconds(monotonic_ns() - started))
        collector.close()
        lifetime.withLock { $0.report = report }
        SignalFlush.forget(self)
        if mode == .online && !delivered && !wasHandedOver() { deliverLater(report) }
        return report
    }

    /// Ends the run like ``finish(_:exitCode:deadline:)``, but keeps this thread until it is over: for `atexit`, for signal threads, and for
    /// children of `fork()`, where Swift's concurrency does not run.
    @discardableResult
    public func finishAndWait(_ state: RunState = .finished, exitCode: Int? = nil, deadline: Duration = .seconds(30)) -> RunReport {
        end(state, exitCode, deadline)
    }

    /// Before a signal ends the process: from now on whoever logs waits for that.
    func endOnSignal(_ number: Int32) { end(.killed, 128 + Int(number), .seconds(2), holdsBack: true) }

    @discardableResult
    private func end(_ state: RunState, _ exitCode: Int?, _ deadline: Duration, holdsBack: Bool = false) -> RunReport {
        collector.noticeFork()
        let started = monotonic_ns()
        if mode != .disabled {
            declareEnd(state, exitCode, holdsBack: holdsBack)
            let rows = sender.finishBlocking(within: deadline)
            let delivered = mediaCourier.finishBlocking(within: deadline - .nanoseconds(monotonic_ns() - started)) && rows
            if mode == .online && delivered { spool.remove() }
            if mode == .online && !delivered && !wasHandedOver() { deliverLater(currentReport(lag: .zero)) }
        }
        return currentReport(lag: .nanoseconds(monotonic_ns() - started))
    }

    /// Delivers what was logged so far, and makes it survive a power failure.
    /// - Returns: Whether the server has stored it; offline, whether the disk has.
    @discardableResult
    public func flush(deadline: Duration = .seconds(30)) async -> Bool {
        if mode == .disabled { return true }
        async let disk: Void = onThread("track-disk") { [spool, mediaCourier] in
            spool.synchronize()
            mediaCourier.synchronize()
        }
        async let files = mediaCourier.flush(within: deadline)
        let rows = await sender.flush(within: deadline)
        await disk
        return await files && rows
    }

    /// What was logged and stored until now.
    public var report: RunReport {
        lifetime.withLock { $0.report } ?? currentReport(lag: .zero)
    }

    private func currentReport(lag: Duration) -> RunReport {
        var report = RunReport(collector, sender.delivered, discarded: spool.discardedRows, lag: lag)
        report.waitingFiles = mediaCourier.waiting
        report.droppedRecords += mediaCourier.dropped
        return report
    }

    /// Rows and files go side by side; the spool is removed once it holds neither.
    private func deliverRest(within deadline: Duration) async -> Bool {
        async let files = mediaCourier.finish(within: deadline)
        let rows = await sender.finish(within: deadline)
        let isDelivered = await files && rows
        if isDelivered && mode == .online { spool.remove() }
        return isDelivered
    }

    /// Whether another process has been told to go on; notes that it is now.
    private func wasHandedOver() -> Bool {
        lifetime.withLock { lifetime in
            defer { lifetime.isHandedOver = true }
            return lifetime.isHandedOver
        }
    }

    /// Writes the end down, once.
    private func declareEnd(_ state: RunState, _ exitCode: Int?, holdsBack: Bool = false) {
        let isFirst = lifetime.withLock { lifetime -> Bool in
            defer { lifetime.isFinished = true }
            return !lifetime.isFinished
        }
        guard isFirst else { return }
        ConsoleCapture.shared.end(self)
        SystemMonitor.shared.forget(self)
        if state == .finished { commands.settle() }
        if collector.state.counts.loggedRows == 0 { logPassengers() }       // a run without rows shows at least what it used
        collector.end(holdsBack: holdsBack) { encode(EndRecord(state: state, exitCode: exitCode, report: currentReport(lag: .zero).json)) }
    }

    private func deliverLater(_ report: RunReport) {
        guard spool.isPrepared else { return }
        let isHandedOver = Detached.sync(folder: spool.folder, url: url, key: settings.apiKey)
        let files = report.waitingFiles > 0 ? " and \(report.waitingFiles) files" : ""
        notices.say("\(report.waitingRows) rows\(files) were not delivered in time and wait in \(spool.folder); "
            + (isHandedOver ? "`track sync` goes on in the background." : "`track sync` or the next start delivers them."))
    }
}
