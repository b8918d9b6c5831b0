#if canImport(Glibc)
import Glibc
#endif

/// How the process asks the system for memory.
public enum ProcessMemory {
    /// Settles the allocator for a server; call it once, before anything else. Does nothing where the allocator is not glibc's.
    ///
    /// glibc gives freed memory back to the kernel so eagerly that a busy writer spent a tenth of its time on page faults, and it opens
    /// eight arenas a core, each of which keeps what its threads once needed. Two arenas that keep up to 4 MiB cost neither.
    public static func settle() {
        #if canImport(Glibc)
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let set = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        for (option, value) in options { _ = set(option, value) }
        #endif
    }

    /// M_ARENA_MAX, M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_THRESHOLD of malloc.h, which Swift does not import.
    private static let options: [(Int32, Int32)] = [(-8, 2), (-1, 4 << 20), (-2, 256 << 10), (-3, 1 << 20)]
}
