import Foundation

/// Runs a short command for its output, which is bounded in bytes and in time.
enum Subprocess {
    struct Output {
        var bytes: [UInt8]
        /// More would have come.
        var isCut: Bool
        var succeeded: Bool
    }

    /// - Parameter arguments: The command, looked for on the path, and its arguments.
    /// - Returns: `nil` if it cannot be started, or is not done by the deadline; it is ended then.
    static func run(_ arguments: [String], limit: Int, deadline: Duration) -> Output? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process = start(arguments, output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        guard let process else { return nil }
        let (bytes, isDone) = read(ends[0], limit: limit, until: monotonic_ns() + deadline.nanoseconds)
        let isCut = bytes.count >= limit
        if !isDone || isCut { kill(process, SIGKILL) }
        var status: Int32 = 0
        ForkGate.outside { while waitpid(process, &status, 0) < 0, errno == EINTR {} }
        return isDone || isCut ? Output(bytes: Array(bytes.prefix(limit)), isCut: isCut, succeeded: status == 0) : nil
    }

    private static func start(_ arguments: [String], output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var environment = ProcessInfo.processInfo.environment
        environment["GIT_OPTIONAL_LOCKS"] = "0"         // looks, and leaves no trace
        environment["GIT_TERMINAL_PROMPT"] = "0"
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var process = pid_t()
        return posix_spawnp(&process, arguments[0], &actions, nil, words, variables) == 0 ? process : nil
    }

    /// Reads until the end, the limit or the deadline.
    private static func read(_ descriptor: Int32, limit: Int, until deadline: Int64) -> (bytes: [UInt8], isDone: Bool) {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let left = deadline - monotonic_ns()
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0 else { return (bytes, false) }
            let ready = ForkGate.outside { poll(&waiting, 1, Int32(left / 1_000_000 + 1)) }
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return (bytes, false) }
            let count = Foundation.read(descriptor, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return (bytes, true) }
            bytes += part[..<count]
        }
        return (bytes, false)
    }
}
