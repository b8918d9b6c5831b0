import Foundation
import TrackModel

/// Where a run came from: machine, program, code. It is sent with the run's start, once for each attempt.
enum RunEnvironment {
    /// Variables that say how a program was launched, and never who may do what.
    static let variables = [
        "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "TRACK_LAUNCH",
        "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS", "SLURM_NNODES", "SLURM_NODELIST", "SLURM_RESTART_COUNT",
        "KUBERNETES_SERVICE_HOST", "HOSTNAME", "LANG", "LC_ALL", "TZ", "CI",
    ]

    /// What this process's runs tell, gathered once: the code cannot change under a program that runs.
    /// It may take a second, when `git` does; nobody's thread is kept but one of its own.
    static func current(_ settings: Settings) async -> JSONValue? {
        guard settings.recordsEnvironment, settings.mode != .disabled else { return nil }
        return await onThread("track-environment", stack: 1 << 20) { gathered(settings) }
    }

    private static let lock = Lock()
    nonisolated(unsafe) private static var known: [Bool: [String: JSONValue]] = [:]        // guarded by `lock`, by whether it has the diff

    private static func gathered(_ settings: Settings) -> JSONValue {
        var value = lock.withLock {
            if let known = known[settings.recordsDiff] { return known }
            let value = gather(folder: FileManager.default.currentDirectoryPath, arguments: CommandLine.arguments, withDiff: settings.recordsDiff)
            known[settings.recordsDiff] = value
            return value
        }
        value["variables"] = .object(allowed(ProcessInfo.processInfo.environment, and: settings.environmentVariables))
        return .object(value)
    }

    static func gather(folder: String, arguments: [String], withDiff: Bool) -> [String: JSONValue] {
        let information = ProcessInfo.processInfo
        var value: [String: JSONValue] = [
            "host": .string(hostName()), "os": .string(information.operatingSystemVersionString), "architecture": .string(architecture),
            "cores": .integer(Int64(information.activeProcessorCount)), "memory": .integer(Int64(clamping: information.physicalMemory)),
            "process": .integer(Int64(getpid())), "folder": .string(folder), "swift": .string(swiftVersion),
            "program": .string(arguments.first ?? ""), "command": .array(Secrets.masked(arguments: arguments).prefix(1_000).map { .string($0) }),
        ]
        if let gpus = NVIDIA()?.names { value["gpus"] = .array(gpus.map { .string($0) }) }
        if let git = GitState.read(from: folder, withDiff: withDiff) { value["git"] = git }
        let packages = ResolvedPackages.find(near: [folder, Bundle.main.executablePath ?? ""])
        if !packages.isEmpty { value["packages"] = .array(packages) }
        return value
    }

    /// Of the environment, what the list names and nobody would call a secret.
    static func allowed(_ environment: [String: String], and names: [String]) -> [String: JSONValue] {
        var kept: [String: JSONValue] = [:]
        for name in variables + names {
            guard let value = environment[name] else { continue }
            kept[name] = .string(Secrets.isSecret(name: name) ? Secrets.mask : String(Secrets.masked(value: value).prefix(1_000)))
        }
        return kept
    }

    private static var swiftVersion: String {
        #if compiler(>=6.5)
        "6.5 or later"
        #elseif compiler(>=6.4)
        "6.4"
        #elseif compiler(>=6.3)
        "6.3"
        #elseif compiler(>=6.2)
        "6.2"
        #else
        "6.1"
        #endif
    }

    private static var architecture: String {
        #if arch(x86_64)
        "x86_64"
        #elseif arch(arm64)
        "arm64"
        #else
        "other"
        #endif
    }
}
