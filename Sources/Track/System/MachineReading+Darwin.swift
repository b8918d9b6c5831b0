#if canImport(Darwin)
import Darwin

/// Readings from the kernel: five calls. Disk traffic is not told by any of them, and left out.
extension MachineReading {
    static func now(folder: String) -> MachineReading {
        var reading = MachineReading(time: monotonic_ns())
        reading.readProcessors()
        reading.readMemory()
        reading.readProcess()
        reading.readNetwork()
        reading.disk = usedPercent(folder)
        return reading
    }

    private mutating func readProcessors() {
        var load = host_cpu_load_info()
        var count = mach_msg_type_number_t(MemoryLayout<host_cpu_load_info>.stride / MemoryLayout<integer_t>.stride)
        let result = withUnsafeMutablePointer(to: &load) { pointer in
            pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) { host_statistics(mach_host_self(), HOST_CPU_LOAD_INFO, $0, &count) }
        }
        guard result == KERN_SUCCESS else { return }
        let (user, system, idle, nice) = load.cpu_ticks
        processorsBusy = Double(user) + Double(system) + Double(nice)
        processorsAll = Double(user) + Double(system) + Double(nice) + Double(idle)
    }

    private mutating func readMemory() {
        var statistics = vm_statistics64()
        var count = mach_msg_type_number_t(MemoryLayout<vm_statistics64>.stride / MemoryLayout<integer_t>.stride)
        let result = withUnsafeMutablePointer(to: &statistics) { pointer in
            pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) { host_statistics64(mach_host_self(), HOST_VM_INFO64, $0, &count) }
        }
        var total: UInt64 = 0, size = MemoryLayout<UInt64>.size
        guard result == KERN_SUCCESS, sysctlbyname("hw.memsize", &total, &size, nil, 0) == 0, total > 0 else { return }
        let pages = Double(statistics.active_count) + Double(statistics.wire_count) + Double(statistics.compressor_page_count)
        memory = 100 * pages * Double(getpagesize()) / Double(total)
    }

    private mutating func readProcess() {
        var info = proc_taskinfo()
        let size = Int32(MemoryLayout<proc_taskinfo>.size)
        if proc_pidinfo(getpid(), PROC_PIDTASKINFO, 0, &info, size) == size {
            processMemory = Double(info.pti_resident_size) / mebibyte
            processThreads = Double(info.pti_threadnum)
        }
        var usage = rusage()
        if getrusage(RUSAGE_SELF, &usage) == 0 {
            let (user, system) = (usage.ru_utime, usage.ru_stime)
            processSeconds = Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) / 1e6
        }
    }

    private mutating func readNetwork() {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return }
        defer { freeifaddrs(first) }
        var bytes = (received: 0.0, sent: 0.0)
        var next = first
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard interface.ifa_addr?.pointee.sa_family == UInt8(AF_LINK), interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                  let data = interface.ifa_data?.assumingMemoryBound(to: if_data.self).pointee else { continue }
            bytes.received += Double(data.ifi_ibytes)
            bytes.sent += Double(data.ifi_obytes)
        }
        (received, sent) = bytes
    }
}
#endif
