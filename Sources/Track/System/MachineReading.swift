/// What the machine and this process had used at one moment. Counters only grow; a rate takes two readings.
struct MachineReading: Equatable {
    /// Nanoseconds of a clock that never goes back.
    var time: Int64
    /// Time that all processors have worked, and have been there, in one unit.
    var processorsBusy: Double?
    var processorsAll: Double?
    /// Percent of the machine's memory that is in use.
    var memory: Double?
    /// Processor time of this process, in seconds.
    var processSeconds: Double?
    /// Memory of this process in MiB, and its threads.
    var processMemory: Double?
    var processThreads: Double?
    /// Bytes since the machine was started, loopback and virtual disks left out.
    var received: Double?
    var sent: Double?
    var read: Double?
    var written: Double?
    /// Percent of the file system with the spool that is in use.
    var disk: Double?

    init(time: Int64) { self.time = time }

    /// The metrics of the time between two readings, without the `system/` before their names: percent, MiB, MiB a second.
    func metrics(since earlier: MachineReading?) -> [String: Double] {
        var values: [String: Double] = [:]
        values["memory"] = memory
        values["disk"] = disk
        values["process.memory"] = processMemory
        values["process.threads"] = processThreads
        guard let earlier, time > earlier.time else { return values }
        if let busy = processorsBusy, let all = processorsAll, let busyThen = earlier.processorsBusy, let allThen = earlier.processorsAll, all > allThen {
            values["cpu"] = min(100, max(0, 100 * (busy - busyThen) / (all - allThen)))
        }
        let seconds = Double(time - earlier.time) / 1e9
        func rate(_ name: String, _ counter: KeyPath<MachineReading, Double?>, in unit: Double) {
            guard let now = self[keyPath: counter], let then = earlier[keyPath: counter] else { return }
            values[name] = max(0, now - then) / unit / seconds      // a counter that went back was set to zero by its device
        }
        rate("process.cpu", \.processSeconds, in: 0.01)
        rate("network.received", \.received, in: mebibyte)
        rate("network.sent", \.sent, in: mebibyte)
        rate("disk.read", \.read, in: mebibyte)
        rate("disk.written", \.written, in: mebibyte)
        return values
    }
}

let mebibyte = 1_048_576.0
