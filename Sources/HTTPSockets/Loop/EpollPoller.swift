#if os(Linux)
import CEpoll
import Glibc

/// ``Poller`` on Linux.
final class EpollPoller: Poller {
    private static let wakeToken = UInt64.max
    private static let capacity = 256
    private let epoll: Int32
    private let waker: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(SocketError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SocketError("epoll_create1") }
        waker = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        events = .allocate(capacity: Self.capacity)
        guard waker >= 0 else { throw SocketError("eventfd") }
        try control(waker, EPOLLIN.rawValue | EPOLLET.rawValue, Self.wakeToken)
    }

    deinit {
        close(epoll)
        if waker >= 0 { close(waker) }
        events.deallocate()
    }

    func add(_ descriptor: Int32, token: UInt64) throws(SocketError) {
        try control(descriptor, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue, token)
    }

    func remove(_ descriptor: Int32) {
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    }

    func wait(milliseconds: Int32, _ body: (PollEvent) -> Void) {
        let count = epoll_wait(epoll, events, Int32(Self.capacity), milliseconds)
        for index in 0..<max(0, Int(count)) {
            let token = events[index].data.u64, bits = events[index].events
            // The counter is never read: edge-triggered, each write to it is one event.
            if token == Self.wakeToken { continue }
            let broken = bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            body(PollEvent(token: token, isReadable: bits & EPOLLIN.rawValue != 0, isWritable: bits & EPOLLOUT.rawValue != 0,
                           peerHasEnded: bits & EPOLLRDHUP.rawValue != 0, isBroken: broken))
        }
    }

    func wakeUp() {
        var one: UInt64 = 1
        if write(waker, &one, 8) < 0, errno == EAGAIN {
            // The counter is full after 2⁶⁴ − 2 wake-ups; it is emptied once in that time.
            var old: UInt64 = 0
            _ = read(waker, &old, 8)
            _ = write(waker, &one, 8)
        }
    }

    private func control(_ descriptor: Int32, _ interest: UInt32, _ token: UInt64) throws(SocketError) {
        var event = epoll_event(events: interest, data: epoll_data_t(u64: token))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SocketError("epoll_ctl") }
    }
}
#endif
