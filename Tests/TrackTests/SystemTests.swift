import Foundation
import Testing
@testable import Track

@Suite("System metrics") struct SystemTests {
    @Test("are read from the system's files as they are") func files() {
        var reading = MachineReading(time: 0)
        reading.take(stat: "cpu  100 5 45 800 50 0 10 0 0 0\ncpu0 1 2 3 4 5 6 7 8\n")
        reading.take(meminfo: "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n")
        reading.take(processStat: "42 (a b) c) S 1 42 42 0 -1 4 1 2 3 4 250 50 0 0 20 0 7 0 100 9999 512 18446", ticksPerSecond: 100, pageBytes: 4_096)
        reading.take(networkDevices: """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
              eth0:1048576 9 0 0 0 0 0 0 2097152 9 0 0 0 0 0 0
            """)
        reading.take(diskstats: "8 0 sda 10 0 2048 5 20 0 4096 5 0 0 0\n8 1 sda1 10 0 2048 5 20 0 4096 5 0 0 0\n") { $0 == "sda" }

        #expect(reading.processorsAll == 1_010 && reading.processorsBusy == 160 && reading.memory == 75)
        #expect(reading.processSeconds == 3 && reading.processThreads == 7 && reading.processMemory == 2)
        #expect(reading.received == 1_048_576 && reading.sent == 2_097_152 && reading.read == 1_048_576 && reading.written == 2_097_152)
    }

    @Test("are rates between two readings, and levels of the last") func rates() {
        var first = MachineReading(time: 0), second = MachineReading(time: 2_000_000_000)
        (first.processorsAll, first.processorsBusy, first.processSeconds, first.received, first.written) = (100, 50, 1, 0, 9e9)
        (second.processorsAll, second.processorsBusy, second.processSeconds, second.received, second.written) = (300, 100, 4, 4 * 1_048_576, 0)
        (second.memory, second.processMemory) = (12.5, 80)

        #expect(second.metrics(since: first) == ["cpu": 25, "process.cpu": 150, "network.received": 2, "disk.written": 0, "memory": 12.5, "process.memory": 80])
        #expect(second.metrics(since: nil) == ["memory": 12.5, "process.memory": 80])
    }

    @Test("of this machine are there, and within what can be") func machine() throws {
        let first = MachineReading.now(folder: "/tmp")
        var work = 0.0
        for index in 0..<2_000_000 { work += Double(index).squareRoot() }
        let metrics = MachineReading.now(folder: "/tmp").metrics(since: first)

        #expect(work > 0)
        for name in ["memory", "disk", "process.memory", "process.threads"] { #expect(try #require(metrics[name]) > 0) }
        #expect(metrics["memory"]! <= 100 && metrics["disk"]! <= 100 && metrics["process.memory"]! < 100_000)
    }

    @Test("travel in the next row, several readings as their mean, and make no row of their own while the program logs") func passengers() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))

        run.log(["loss": 3.0], step: 1)
        run.passengers.add(["system/cpu": 10, "system/memory": 1])
        run.passengers.add(["system/cpu": 30])
        run.log(["loss": 2.0], step: 2)
        run.log(["loss": 1.0], step: 3)
        run.passengers.add(["system/cpu": 99])
        await run.finish()

        #expect(fake.run(run.id.text)?.rows.map(\.values) == [["loss": 3], ["loss": 2, "system/cpu": 20, "system/memory": 1], ["loss": 1]])
    }

    @Test("get a row of their own in a run that logs none, and none when switched off") func monitor() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        var settings = folder.settings(url: server.url)
        let silent = try await Run.start(project: "p", settings: settings)
        (settings.recordsSystem, settings.systemInterval) = (true, .milliseconds(100))
        let run = try await Run.start(project: "p", settings: settings)
        let rank = try await Run.start(project: "p", rank: 2, settings: settings)

        for _ in 0..<1_500 where !run.passengers.areWaiting.load(ordering: .relaxed) || !rank.passengers.areWaiting.load(ordering: .relaxed) {
            try await Task.sleep(for: .milliseconds(20))
        }
        for run in [silent, run, rank] { await run.finish() }

        let rows = fake.run(run.id.text)?.rows ?? []
        #expect(!rows.isEmpty && rows.allSatisfy { $0.step == 0 && $0.values["system/memory"] != nil && $0.values["system/process.cpu"] != nil })
        #expect(fake.run(silent.id.text)?.rows.isEmpty == true)
        #expect(fake.run(rank.id.text)?.rows.first?.values["system/rank.2/memory"] != nil)
    }

    @Test("of GPUs come from the vendor's library, when there is one") func gpus() throws {
        let folder = TemporaryFolder(), library = folder.path + "/libnvidia-ml.so"
        try Self.nvml.write(toFile: folder.path + "/nvml.c", atomically: true, encoding: .utf8)
        let made = Subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder.path + "/nvml.c"], limit: 1_000, deadline: .seconds(60))
        guard made?.succeeded == true else { return }       // a machine without a C compiler

        let gpus = try #require(NVIDIA(path: library))

        #expect(gpus.names == ["Test GPU", "Test GPU"])
        #expect(gpus.metrics() == [
            "gpu.0.utilization": 87, "gpu.0.memory": 25, "gpu.0.memory.used": 4_096, "gpu.0.temperature": 61, "gpu.0.power": 250.5,
            "gpu.1.utilization": 88, "gpu.1.memory": 25, "gpu.1.memory.used": 4_096, "gpu.1.temperature": 61, "gpu.1.power": 250.5,
        ])
        #expect(NVIDIA(path: folder.path + "/missing.so") == nil)
    }

    /// As `nvml.h` declares it.
    private static let nvml = """
        #include <string.h>
        typedef struct { unsigned gpu, memory; } Rates; typedef struct { unsigned long long total, free, used; } Memory;
        int nvmlInit_v2(void) { return 0; }
        int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) { *d = (void *)(unsigned long)(i + 1); return 0; }
        int nvmlDeviceGetName(void *d, char *t, unsigned n) { strncpy(t, "Test GPU", n); return 0; }
        int nvmlDeviceGetUtilizationRates(void *d, Rates *r) { r->gpu = 86 + (unsigned)(unsigned long)d; r->memory = 1; return 0; }
        int nvmlDeviceGetMemoryInfo(void *d, Memory *m) { m->total = 16ull << 30; m->used = 4ull << 30; m->free = 12ull << 30; return 0; }
        int nvmlDeviceGetTemperature(void *d, unsigned s, unsigned *t) { *t = 61; return 0; }
        int nvmlDeviceGetPowerUsage(void *d, unsigned *w) { *w = 250500; return 0; }
        """
}
