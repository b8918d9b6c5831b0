#if os(Linux)
import Foundation

/// Readings from `/proc`: five small files, about a tenth of a millisecond.
extension MachineReading {
    /// - Parameter folder: Where the spool is: its file system is the one that must not be full.
    static func now(folder: String) -> MachineReading {
        var reading = MachineReading(time: monotonic_ns())
        if let text = contents("/proc/stat") { reading.take(stat: text) }
        if let text = contents("/proc/meminfo") { reading.take(meminfo: text) }
        if let text = contents("/proc/self/stat") {
            reading.take(processStat: text, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))), pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let text = contents("/proc/net/dev") { reading.take(networkDevices: text) }
        if let text = contents("/proc/diskstats") { reading.take(diskstats: text) { access("/sys/block/\($0)/device", F_OK) == 0 } }
        reading.disk = usedPercent(folder)
        return reading
    }

    /// The first 64 kB of a file of the system's, which says that it is empty before it is read.
    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](), isAtEnd = false
        while !isAtEnd, bytes.count < 64 << 10 {
            let part = [UInt8](unsafeUninitializedCapacity: 16 << 10) { $1 = max(0, Foundation.read(descriptor, $0.baseAddress, 16 << 10)) }
            bytes += part
            isAtEnd = part.isEmpty
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
#endif

extension MachineReading {
    /// `/proc/stat`: the first line adds up all processors, in ticks: user nice system idle iowait irq softirq steal.
    mutating func take(stat text: String) {
        let ticks = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard ticks.count == 8 else { return }
        let all = ticks.reduce(0, +)
        (processorsAll, processorsBusy) = (all, all - ticks[3] - ticks[4])
    }

    /// `/proc/meminfo`: what could be had without swapping counts as free.
    mutating func take(meminfo text: String) {
        func kilobytes(_ name: String) -> Double? {
            text.split(separator: "\n").prefix(8).first { $0.hasPrefix(name) }?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        }
        guard let total = kilobytes("MemTotal:"), let available = kilobytes("MemAvailable:"), total > 0 else { return }
        memory = 100 * (total - available) / total
    }

    /// `/proc/self/stat`: the program's name, in brackets, may hold anything; what follows is counted from its end.
    mutating func take(processStat text: String, ticksPerSecond: Double, pageBytes: Double) {
        guard let name = text.lastIndex(of: ")") else { return }
        let words = text[text.index(after: name)...].split(separator: " ")
        guard words.count > 21, let user = Double(words[11]), let system = Double(words[12]), let pages = Double(words[21]) else { return }
        processSeconds = (user + system) / ticksPerSecond
        processThreads = Double(words[17])
        processMemory = pages * pageBytes / mebibyte
    }

    /// `/proc/net/dev`: after each name and its colon, bytes received come first, bytes sent ninth.
    mutating func take(networkDevices text: String) {
        var bytes = (received: 0.0, sent: 0.0)
        for line in text.split(separator: "\n").dropFirst(2) {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].drop(while: { $0 == " " }) != "lo" else { continue }
            let words = line[line.index(after: colon)...].split(separator: " ")
            guard words.count >= 9 else { continue }
            bytes.received += Double(words[0]) ?? 0
            bytes.sent += Double(words[8]) ?? 0
        }
        (received, sent) = bytes
    }

    /// `/proc/diskstats`: name third, sectors of 512 bytes read sixth, written tenth. Parts and stacks of disks would count twice.
    mutating func take(diskstats text: String, isDisk: (Substring) -> Bool) {
        var sectors = (read: 0.0, written: 0.0)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 10, isDisk(words[2]) else { continue }
            sectors.read += Double(words[5]) ?? 0
            sectors.written += Double(words[9]) ?? 0
        }
        (read, written) = (sectors.read * 512, sectors.written * 512)
    }
}
