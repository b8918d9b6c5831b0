import Foundation

/// One of the process's two output streams, led through a pipe; or, where it is a terminal, through a terminal of our own, so that the program still
/// finds one: colours, progress bars and the width of lines stay.
final class ConsoleStream {
    let name: String
    /// 1 or 2.
    let descriptor: Int32
    /// Where it led before.
    let original: Int32
    /// What the program prints comes out here; -1 once nobody can write any more.
    private(set) var source: Int32
    private let isTerminal: Bool
    private var assembler = LineAssembler()
    private var isDead = false

    /// - Returns: `nil` if the system has no pipe or terminal to give; the stream is then as it was.
    init?(_ descriptor: Int32, name: String) {
        let isTerminal = isatty(descriptor) == 1
        let original = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard original >= 0, let ends = isTerminal ? Self.makeTerminal(like: descriptor) : Self.makePipe() else {
            if original >= 0 { close(original) }
            return nil
        }
        dup2(ends.write, descriptor)
        close(ends.write)
        (self.descriptor, self.name, self.original, source, self.isTerminal) = (descriptor, name, original, ends.read, isTerminal)
    }

    private static func makePipe() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func makeTerminal(like descriptor: Int32) -> (read: Int32, write: Int32)? {
        guard let (master, slave) = PseudoTerminal.open() else { return nil }
        var settings = termios()
        if tcgetattr(descriptor, &settings) == 0 {
            settings.c_oflag &= ~tcflag_t(OPOST)        // the terminal behind it does that
            tcsetattr(slave, TCSANOW, &settings)
        }
        copyWindow(from: descriptor, to: master)
        return (master, slave)
    }

    private static func copyWindow(from: Int32, to: Int32) {
        var window = winsize()
        if ioctl(from, UInt(TIOCGWINSZ), &window) == 0 { _ = ioctl(to, UInt(TIOCSWINSZ), &window) }
    }

    /// Reads what waits, passes it on unchanged, and makes lines of it.
    /// - Returns: The lines; `nil` at the end, when nobody can write any more.
    func pump(_ buffer: UnsafeMutableRawBufferPointer) -> [String]? {
        let count = read(source, buffer.baseAddress, buffer.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return [] }
        guard count > 0 else {          // a terminal says EIO
            close(source)
            source = -1
            return nil
        }
        if isTerminal { Self.copyWindow(from: original, to: source) }
        pass(buffer.baseAddress!, count)
        return assembler.add(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
    }

    /// As the program would have written it; a reader that has gone ends the passing on, not the logging.
    private func pass(_ bytes: UnsafeRawPointer, _ count: Int) {
        var written = 0
        while written < count, !isDead {
            let step = write(original, bytes + written, count - written)
            if step < 0 && errno == EINTR { continue }
            if step < 0 && errno == EAGAIN { wait(for: original); continue }
            if step <= 0 { isDead = true }
            written += max(0, step)
        }
    }

    /// Whether something waits to be read, or the end is to be seen.
    var hasMore: Bool {
        var ready = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        return source >= 0 && poll(&ready, 1, 0) > 0
    }

    private func wait(for descriptor: Int32) {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, 1_000)
    }

    /// The line that has no end yet.
    func flush() -> String? { assembler.flush() }

    /// Leads the stream back to where it led before. What is in the pipe can still be pumped.
    func restore() { dup2(original, descriptor) }
}
