import Foundation

/// Leaves the rest of a delivery to a process of its own, which outlives this one.
enum Detached {
    /// Starts `track sync FOLDER` in a session of its own; `false` if the command is not found or cannot be started.
    static func sync(folder: String, url: String, key: String?) -> Bool {
        guard let command = command() else { return false }
        var environment = ProcessInfo.processInfo.environment
        environment["TRACK_URL"] = url
        environment["TRACK_API_KEY"] = key          // in the environment: arguments can be read by every user
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSID))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? [] {      // the program's pipes are not held open
            if let descriptor = Int32(name), descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
        let words: [String] = [command, "sync", folder, "--quiet", "--follow", "--patience", "3600"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var process = pid_t()
        return posix_spawn(&process, command, &actions, &attributes, arguments, variables) == 0
    }

    /// `TRACK_COMMAND`, or `track` on the path.
    private static func command() -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["TRACK_COMMAND"] { return access(named, X_OK) == 0 ? named : nil }
        return (environment["PATH"] ?? "").split(separator: ":").map { $0 + "/track" }.first { access($0, X_OK) == 0 }
    }
}

#if os(Linux)
private let POSIX_SPAWN_SETSID: Int32 = 0x80        // <spawn.h> defines it for GNU's dialect only
#endif
