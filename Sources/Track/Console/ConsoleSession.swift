import Foundation
import TrackModel

/// The time during which the two output streams are led through this process: a thread reads them, passes them on and makes lines.
///
/// If the program crashes, its last words are waited for, a quarter of a second at most, so that they reach terminal and spool; SIGKILL
/// loses what was still in the pipe, 64 kB at most.
final class ConsoleSession: @unchecked Sendable {       // `pumping` guards all variables
    private let pumping = Lock()
    private let streams: [ConsoleStream]
    private var isLogging = true
    private var readings = 0
    private let log: ([LogLine]) -> Void

    /// - Parameter log: Called with lines in order, on one thread at a time.
    /// - Returns: `nil` if the system has nothing to lead the streams through.
    init?(_ log: @escaping @Sendable ([LogLine]) -> Void) {
        fflush(nil)                                 // what was printed before belongs to nobody
        if isatty(1) != 1 { Self.printLineByLine() }        // else lines would come in blocks of 4 kB, and late
        streams = [ConsoleStream(1, name: "stdout"), ConsoleStream(2, name: "stderr")].compactMap(\.self)
        self.log = log
        if streams.isEmpty { return nil }
        CrashDrain.install(streams)
        inBackground("track-console", stack: 512 << 10) { [self] in work() }
    }

    /// Swift counts the C library's `stdout` among shared mutable state, so it is found by its name.
    private static func printLineByLine() {
        #if os(Linux)
        let name = "stdout"
        #else
        let name = "__stdoutp"
        #endif
        guard let variable = dlsym(nil, name) else { return }
        setvbuf(variable.load(as: UnsafeMutablePointer<FILE>.self), nil, Int32(_IOLBF), 0)
    }

    /// Leads the streams back, and logs what is still under way. A program that was started and goes on printing is passed on, not logged.
    func end() {
        fflush(nil)
        for stream in streams { stream.restore() }
        CrashDrain.remove()
        settle()
        pumping.withLock {
            isLogging = false
            give(streams.compactMap { stream in stream.flush().map { (stream.name, $0) } })
        }
    }

    /// Waits until what was printed before has been read: until the streams' ends, or, where somebody still holds them, until nothing has come, or
    /// waits, for 60 ms. Five seconds at most. (What is written to a terminal takes a moment to its other end, and is not told to be under way.)
    func settle() {
        fflush(nil)
        let ends = monotonic_ns() + 5_000_000_000
        pumping.withLock {
            var quiet = monotonic_ns(), seen = readings
            while monotonic_ns() < ends, !streams.allSatisfy({ $0.source < 0 }), monotonic_ns() - quiet < 60_000_000 {
                pumping.wait(atMost: .milliseconds(5))
                if readings != seen || streams.contains(where: \.hasMore) { (quiet, seen) = (monotonic_ns(), readings) }
            }
        }
    }

    private func work() {
        var open = streams
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while !open.isEmpty {
            var waiting = open.map { pollfd(fd: $0.source, events: Int16(POLLIN), revents: 0) }
            guard ForkGate.outside({ poll(&waiting, nfds_t(waiting.count), -1) }) > 0 else { continue }
            for (stream, state) in zip(open, waiting) where state.revents != 0 { pump(stream, buffer) }
            open.removeAll { $0.source < 0 }
        }
    }

    private func pump(_ stream: ConsoleStream, _ buffer: UnsafeMutableRawBufferPointer) {
        pumping.withLock {
            CrashDrain.isPumping.store(true, ordering: .sequentiallyConsistent)
            readings += 1
            if let lines = stream.pump(buffer), isLogging { give(lines.map { (stream.name, $0) }) }
            CrashDrain.isPumping.store(false, ordering: .sequentiallyConsistent)
            pumping.signal()
        }
    }

    private func give(_ lines: [(stream: String, text: String)]) {
        if lines.isEmpty { return }
        let time = wallClock_us()
        log(lines.map { LogLine(time: time, stream: $0.stream, text: $0.text) })
    }
}
