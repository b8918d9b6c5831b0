import Foundation
import Synchronization

/// Says things to the user on the standard error stream, each once.
final class Notices: Sendable {
    private let said = Mutex<Set<String>>([])
    private let write: @Sendable (String) -> Void

    init(_ write: @escaping @Sendable (String) -> Void = writeToStandardError) { self.write = write }

    /// - Parameter kind: What counts as the same; `nil` means the same words.
    func say(_ text: String, as kind: String? = nil) {
        if said.withLock({ $0.count < 100 && $0.insert(kind ?? text).inserted }) { write("track: " + text + "\n") }
    }
}

/// Writes what can be written: a stream that is closed, or lies on a full disk, must not end the program.
@Sendable private func writeToStandardError(_ text: String) {
    var pipe = sigset_t(), before = sigset_t(), pending = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    sigpending(&pending)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    let bytes = Array(text.utf8)
    let count = write(STDERR_FILENO, bytes, bytes.count)
    #if os(Linux)
    if count < 0, errno == EPIPE, sigismember(&pending, SIGPIPE) == 0 {      // ours: it is taken back before anybody sees it
        var now = timespec()
        sigtimedwait(&pipe, nil, &now)
    }
    #else
    _ = count
    #endif
    pthread_sigmask(SIG_SETMASK, &before, nil)
}
