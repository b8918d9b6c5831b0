import Foundation

/// What the system says of this process.
enum ProcessFacts {
    /// Bytes of memory that are really held.
    static var residentBytes: Int {
        #if os(Linux)
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        #else
        return 0
        #endif
    }

    static var openDescriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count) ?? 0 }

    /// Seconds of processor time so far.
    static var processorSeconds: Double {
        var usage = rusage()
        getrusage(Self.thisProcess, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    #if os(Linux)
    private static let thisProcess = __rusage_who_t(RUSAGE_SELF.rawValue)
    #else
    private static let thisProcess = RUSAGE_SELF
    #endif
}
