import Foundation
import Synchronization

/// Lets a crashing program's last words through: between the fault and the end of the process the console's thread gets a moment to read what
/// is in the pipe, and what it did not read is passed on from here.
///
/// Everything in the handler is safe in a signal handler; handlers that were there before run afterwards.
enum CrashDrain {
    /// Whether the console's thread is at work.
    static let isPumping = Atomic(false)
    private static let signals = [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP]
    nonisolated(unsafe) private static var sources: (Int32, Int32) = (-1, -1)       // set before the handlers are, read in them
    nonisolated(unsafe) private static var originals: (Int32, Int32) = (-1, -1)
    nonisolated(unsafe) private static var previous: UnsafeMutablePointer<sigaction>?      // by signal number

    static func install(_ streams: [ConsoleStream]) {
        sources = (streams[0].source, streams.count > 1 ? streams[1].source : -1)
        originals = (streams[0].original, streams.count > 1 ? streams[1].original : -1)
        let old = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        old.initialize(repeating: sigaction(), count: 65)
        previous = old
        for number in signals {
            var action = sigaction()
            #if os(Linux)
            action.__sigaction_handler.sa_handler = { CrashDrain.handle($0) }
            #else
            action.__sigaction_u.__sa_handler = { CrashDrain.handle($0) }
            #endif
            action.sa_flags = Int32(SA_ONSTACK)
            sigaction(number, &action, old + Int(number))
        }
    }

    static func remove() {
        guard let old = previous else { return }
        for number in signals { sigaction(number, old + Int(number), nil) }
        (sources, originals) = ((-1, -1), (-1, -1))
        previous = nil
        old.deallocate()
    }

    private static func handle(_ number: Int32) {
        for round in 0..<50 {
            var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
            nanosleep(&pause, nil)
            let isBusy = waitingBytes(sources.0) + waitingBytes(sources.1) > 0 || isPumping.load(ordering: .sequentiallyConsistent)
            if round >= 2, !isBusy { break }        // a terminal's bytes are on their way for a moment
        }
        pass(sources.0, originals.0)
        pass(sources.1, originals.1)
        if let old = previous { sigaction(number, old + Int(number), nil) }
        raise(number)       // held back until this handler returns; then whoever was there before has it
    }

    /// What a pipe or terminal has to read; 0 for a closed one.
    static func waitingBytes(_ descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        return descriptor >= 0 && ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? count : 0
    }

    private static func pass(_ source: Int32, _ original: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            while waitingBytes(source) > 0 {
                let count = read(source, buffer.baseAddress, buffer.count)
                if count <= 0 || write(original, buffer.baseAddress, count) != count { return }
            }
        }
    }
}
