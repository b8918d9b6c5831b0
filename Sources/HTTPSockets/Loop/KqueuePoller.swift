#if canImport(Darwin)
import Darwin

/// ``Poller`` on Apple's systems; kept short, since our continuous integration cannot run it.
final class KqueuePoller: Poller {
    private static let capacity = 256
    private let queue: Int32
    private let events: UnsafeMutablePointer<kevent>

    init() throws(SocketError) {
        queue = kqueue()
        guard queue >= 0 else { throw SocketError("kqueue") }
        events = .allocate(capacity: Self.capacity)
        change([kevent(ident: 0, filter: Int16(EVFILT_USER), flags: UInt16(EV_ADD | EV_CLEAR), fflags: 0, data: 0, udata: nil)])
    }

    deinit {
        close(queue)
        events.deallocate()
    }

    func add(_ descriptor: Int32, token: UInt64) throws(SocketError) {
        let data = UnsafeMutableRawPointer(bitPattern: UInt(token))
        let changes = [EVFILT_READ, EVFILT_WRITE].map {
            kevent(ident: UInt(descriptor), filter: Int16($0), flags: UInt16(EV_ADD | EV_CLEAR), fflags: 0, data: 0, udata: data)
        }
        guard change(changes) else { throw SocketError("kevent") }
    }

    func remove(_ descriptor: Int32) {
        for filter in [EVFILT_READ, EVFILT_WRITE] {
            change([kevent(ident: UInt(descriptor), filter: Int16(filter), flags: UInt16(EV_DELETE), fflags: 0, data: 0, udata: nil)])
        }
    }

    func wait(milliseconds: Int32, _ body: (PollEvent) -> Void) {
        var timeout = timespec(tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
        let count = milliseconds < 0 ? kevent(queue, nil, 0, events, Int32(Self.capacity), nil)
            : kevent(queue, nil, 0, events, Int32(Self.capacity), &timeout)
        for index in 0..<max(0, Int(count)) where events[index].filter != Int16(EVFILT_USER) {
            let event = events[index], isRead = event.filter == Int16(EVFILT_READ), hasEnded = event.flags & UInt16(EV_EOF) != 0
            body(PollEvent(token: UInt64(UInt(bitPattern: event.udata)), isReadable: isRead, isWritable: !isRead,
                           peerHasEnded: isRead && hasEnded, isBroken: !isRead && hasEnded))
        }
    }

    func wakeUp() {
        change([kevent(ident: 0, filter: Int16(EVFILT_USER), flags: 0, fflags: UInt32(NOTE_TRIGGER), data: 0, udata: nil)])
    }

    @discardableResult
    private func change(_ changes: [kevent]) -> Bool {
        kevent(queue, changes, Int32(changes.count), nil, 0, nil) >= 0
    }
}
#endif
