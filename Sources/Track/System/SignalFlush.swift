import Foundation
import Synchronization

/// INT and TERM end the process as before, but first each run gets two seconds to deliver what waits and to say that it was killed.
///
/// A handler is set only where the program has none of its own. Rows do not need it: they survive in the spool.
enum SignalFlush {
    private static let runs = Mutex<[WeakRun]>([])
    private struct WeakRun: Sendable { weak var run: Run? }
    nonisolated(unsafe) private static var pipe: (read: Int32, write: Int32) = (-1, -1)      // set once, by `installed`

    private static let installed: Void = {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipe = (ends[0], ends[1])
        for number in [SIGINT, SIGTERM] where isDefault(number) {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalFlush.pipe.write, &byte, 1)
            }
        }
        let thread = Thread { wait() }
        thread.stackSize = 512 << 10
        thread.start()
    }()

    static func watch(_ run: Run) {
        _ = installed
        runs.withLock { runs in
            runs.removeAll { $0.run == nil }
            runs.append(WeakRun(run: run))
        }
    }

    static func forget(_ run: Run) { runs.withLock { runs in runs.removeAll { $0.run == nil || $0.run === run } } }

    private static func isDefault(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if os(Linux)
        return action.__sigaction_handler.sa_handler == nil
        #else
        return action.__sigaction_u.__sa_handler == nil
        #endif
    }

    private static func wait() {
        var byte: UInt8 = 0
        while true {
            let count = read(pipe.read, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { return }
            let number = Int32(byte)
            for run in runs.withLock({ $0.compactMap(\.run) }) {
                run.endOnSignal(number)
            }
            signal(number, SIG_DFL)
            kill(getpid(), number)
        }
    }
}
