import Foundation

/// Where the handler writes; set before a handler is installed, and never changed again.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// Waits for a signal instead of ending the process; the second one ends it after all.
///
/// A handler and a pipe, not a dispatch source: a source is installed later, on another thread, and a signal that comes in between is lost,
/// or reaches the main thread while it is parked.
final class Signals: Sendable {
    private let stream: AsyncStream<Int32>

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "Signals: no pipe could be made, \(String(cString: strerror(errno)))")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        signalPipe = ends[1]
        let reading = ends[0]
        Thread.detachNewThread { Self.pass(on: continuation, from: reading) }
        for number in numbers {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(signalPipe, &byte, 1)
            }
        }
    }

    /// Returns when the first signal has come.
    func first() async { for await _ in stream { return } }

    private static func pass(on continuation: AsyncStream<Int32>.Continuation, from descriptor: Int32) {
        var byte: UInt8 = 0, count = 0
        while true {
            let got = read(descriptor, &byte, 1)
            if got == -1, errno == EINTR { continue }
            guard got == 1 else { return }
            count += 1
            if count > 1 { exit(128 + Int32(byte)) }
            continuation.yield(Int32(byte))
        }
    }
}
