import Foundation

/// The processors that have nothing to do, and how deep they may sleep.
///
/// A disk answers in some 50 µs; until a processor that sleeps has heard of it, half as much again has passed, above all on virtual machines, which ask
/// their host to be woken. Linux takes the wish that they stay awake from whoever may write to `/dev/cpu_dma_latency`, and forgets it when that is closed
/// or the process ends. Where it cannot be had everything takes as long as it takes.
struct IdleProcessors: ~Copyable {
    private let path: String
    private var descriptor: Int32 = -1
    private var isRefused = false

    init(path: String = "/dev/cpu_dma_latency") { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Asks that none sleeps, until ``letSleep()``.
    mutating func keepAwake() {
        guard descriptor < 0, !isRefused else { return }
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        var microseconds: Int32 = 0
        guard descriptor < 0 || write(descriptor, &microseconds, 4) != 4 else { return }
        isRefused = true
        letSleep()
    }

    mutating func letSleep() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }
}
