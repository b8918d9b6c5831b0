#if canImport(Glibc)
import CEpoll
import Glibc
let systemSend = Glibc.send
let systemReceive = Glibc.recv
let streamSocket = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Darwin)
import Darwin
let systemSend = Darwin.send
let systemReceive = Darwin.recv
let streamSocket = SOCK_STREAM
#endif

/// Closes a descriptor; there is nothing to be done when that fails.
func systemClose(_ descriptor: Int32) { _ = close(descriptor) }

/// The few socket calls that differ between systems or are clumsy to call.
enum Socket {
    #if os(Linux)
    static let sendFlags = Int32(MSG_NOSIGNAL)
    #else
    static let sendFlags: Int32 = 0
    #endif

    /// Listens on a TCP address; tries each address that the name stands for.
    static func listen(host: String, port: Int, backlog: Int) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = streamSocket
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let found = getaddrinfo(host, "\(port)", &hints, &list)
        guard found == 0, let first = list else {
            throw ListenError(address: "\(host):\(port)", reason: String(cString: gai_strerror(found)))
        }
        defer { freeaddrinfo(list) }
        var failure: SocketError?
        for address in sequence(first: first, next: { $0.pointee.ai_next }) {
            do { return try listen(address.pointee, backlog: backlog) } catch { failure = error }
        }
        throw ListenError(address: "\(host):\(port)", reason: failure?.description ?? "no address")
    }

    private static func listen(_ address: addrinfo, backlog: Int) throws(SocketError) -> Int32 {
        let descriptor = socket(address.ai_family, streamSocket, 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // "::" serves IPv4 too.
        if address.ai_family == AF_INET6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { throw failed(descriptor, "bind") }
        return try startListening(descriptor, backlog)
    }

    /// Listens on a Unix-domain socket; a socket file that nobody answers is replaced.
    static func listen(path: String, backlog: Int) throws -> Int32 {
        guard path.utf8.count < 104 else {
            throw ListenError(address: path, reason: "the path is longer than 103 bytes")
        }
        if let existing = try? connect(path: path) {
            close(existing)
            throw ListenError(address: path, reason: "another process listens there")
        }
        unlink(path)
        let descriptor = socket(AF_UNIX, streamSocket, 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        let bound = withUnixAddress(path) { bind(descriptor, $0, $1) }
        guard bound == 0 else { throw ListenError(address: path, reason: failed(descriptor, "bind").description) }
        chmod(path, 0o660)
        return try startListening(descriptor, backlog)
    }

    static func connect(path: String) throws(SocketError) -> Int32 {
        let descriptor = socket(AF_UNIX, streamSocket, 0)
        guard descriptor >= 0 else { throw SocketError("socket") }
        #if canImport(Glibc)
        let connected = withUnixAddress(path) { Glibc.connect(descriptor, $0, $1) }
        #else
        let connected = withUnixAddress(path) { Darwin.connect(descriptor, $0, $1) }
        #endif
        guard connected == 0 else { throw failed(descriptor, "connect") }
        return descriptor
    }

    private static func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func startListening(_ descriptor: Int32, _ backlog: Int) throws(SocketError) -> Int32 {
        makeNonBlocking(descriptor)
        guard systemListen(descriptor, Int32(clamping: backlog)) == 0 else { throw failed(descriptor, "listen") }
        return descriptor
    }

    private static func failed(_ descriptor: Int32, _ call: String) -> SocketError {
        let error = SocketError(call)
        close(descriptor)
        return error
    }

    /// Accepts a connection that does not block; −1 with `errno` if there is none.
    static func accept(_ listener: Int32, _ storage: inout sockaddr_storage) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #if os(Linux)
                return accept4(listener, address, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                #else
                let descriptor = Darwin.accept(listener, address, &length)
                if descriptor >= 0 {
                    makeNonBlocking(descriptor)
                    setOption(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1)
                }
                return descriptor
                #endif
            }
        }
    }

    static func makeNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The numeric address, or `unix`.
    static func text(of storage: sockaddr_storage) -> (host: String, port: Int) {
        var storage = storage
        return withUnsafePointer(to: &storage) { pointer in
            switch Int32(pointer.pointee.ss_family) {
            case AF_INET:
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    var address = $0.pointee.sin_addr
                    return (numeric(AF_INET, &address), Int(UInt16(bigEndian: $0.pointee.sin_port)))
                }
            case AF_INET6:
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    var address = $0.pointee.sin6_addr
                    let text = numeric(AF_INET6, &address)
                    let plain = text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
                    return (plain, Int(UInt16(bigEndian: $0.pointee.sin6_port)))
                }
            default: ("unix", 0)
            }
        }
    }

    private static func numeric(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let text = inet_ntop(family, address, buffer.baseAddress, 64) else { return "" }
            return String(cString: text)
        }
    }

    static func localAddress(of descriptor: Int32) -> (host: String, port: Int) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return text(of: storage)
    }

    /// Raises the soft limit of open files to the hard one.
    /// - Returns: How many descriptors the process may open.
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        #if os(Linux)
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let kind = RLIMIT_NOFILE
        #endif
        guard getrlimit(kind, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(kind, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

#if canImport(Glibc)
private let systemListen = Glibc.listen
#else
private let systemListen = Darwin.listen
#endif

/// Why the server cannot listen.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    public let address: String
    public let reason: String

    public var description: String {
        "Cannot listen on \(address): \(reason) Choose another address or port, or stop what uses it."
    }
}
