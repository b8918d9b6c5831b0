import ArgumentParser
import Foundation

/// Finds a port that nothing listens on.
enum FreePort {
    /// The first free port from `start` on; gives up after 100.
    static func first(from start: Int, host: String) throws -> Int {
        for port in start..<start + 100 where isFree(UInt16(port), host: host) { return port }
        throw ValidationError("No port from \(start) to \(start + 99) is free. Give one with --port, or 0 for any.")
    }

    private static func isFree(_ port: UInt16, host: String) -> Bool {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else { return true }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0
    }
}
