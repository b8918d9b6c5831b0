import Foundation

/// What a launcher (torchrun, srun, mpirun, or a shell script) tells its processes.
enum Launch {
    /// Which of several processes this is; `nil` if nothing says that there are several.
    static func rank(_ environment: [String: String]) -> Int? {
        for (rank, size) in [("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS"), ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
                             ("PMI_RANK", "PMI_SIZE"), ("LOCAL_RANK", "LOCAL_WORLD_SIZE")] {
            guard let place = environment[rank].flatMap({ Int($0) }), place >= 0 else { continue }
            if let processes = environment[size].flatMap({ Int($0) }), processes <= 1 { continue }
            return place
        }
        return nil
    }

    /// The same for all processes of one launch, and another for the next: so that they share an attempt of the run.
    ///
    /// A launcher that gives its launches names is believed. Otherwise the processes share their parent, which is told from later ones with the
    /// same number by the time it was started; on several machines that makes one attempt for each, unless TRACK_LAUNCH says otherwise.
    static func key(_ environment: [String: String]) -> String {
        let names = ["TRACK_LAUNCH", "TORCHELASTIC_RUN_ID", "SLURM_JOB_ID", "PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"]
        let given = names.compactMap { environment[$0] }.filter { !$0.isEmpty && $0 != "none" }      // torchrun's default id is "none"
        let restarts = ["TORCHELASTIC_RESTART_COUNT", "SLURM_STEP_ID", "SLURM_RESTART_COUNT"].map { environment[$0] ?? "" }
        let launch = given.isEmpty ? "\(hostName()):\(getppid()):\(startTime(of: getppid()))" : given.joined(separator: ":")
        return "ranks:" + launch + ":" + restarts.joined(separator: ":")
    }

    /// When a process was started, in the system's ticks; "" where that is not told.
    private static func startTime(of process: pid_t) -> String {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return "" }
        let text = String(decoding: data, as: UTF8.self)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")      // names may hold blanks
        return fields.count > 20 ? String(fields[20]) : ""
    }
}
