import Foundation

/// A terminal without a screen: what is written to one end is read from the other.
enum PseudoTerminal {
    /// Both ends are closed in programs that are started; `nil` if the system has none to give.
    static func open() -> (master: Int32, slave: Int32)? {
        #if os(Linux)
        let master = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        #else
        let master = posix_openpt(O_RDWR | O_NOCTTY)
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        #endif
        guard master >= 0 else { return nil }
        guard let name = slaveName(master) else { close(master); return nil }
        let slave = Foundation.open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { close(master); return nil }
        return (master, slave)
    }

    /// Unlocks the other end and tells its name. Swift sees no `unlockpt` on Linux; these are the requests behind it (`tty_ioctl(4)`).
    private static func slaveName(_ master: Int32) -> String? {
        #if os(Linux)
        var locked: Int32 = 0, number: UInt32 = 0
        let setLock: UInt = 0x4004_5431, getNumber: UInt = 0x8004_5430
        guard ioctl(master, setLock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else { return nil }
        return "/dev/pts/\(number)"
        #else
        guard grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else { return nil }
        return String(cString: name)
        #endif
    }
}
