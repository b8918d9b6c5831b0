import Testing
@testable import HTTPSockets

@Suite("Values of HTTP") struct ValueTests {
    @Test("a date is written and read back", arguments: [(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
                                                          (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT")])
    func dates(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.format(seconds) == text)
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test("the obsolete forms of a date are read", arguments: ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func obsoleteDates(_ text: String) { #expect(HTTPDate.parse(text) == 784_111_777) }

    @Test("what is no date is not read", arguments: ["", "yesterday", "Sun, 06 Nov 1994 25:00:00 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT", "1994-11-06"])
    func noDates(_ text: String) { #expect(HTTPDate.parse(text) == nil) }

    @Test("a range is a part, the whole, or not to be had", arguments: [
        ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)), ("bytes=-30", .part(0..<10)),
        ("bytes=2-100", .part(2..<10)), ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-2", .whole),
        ("bytes=0-1,3-4", .whole), ("lines=1-2", .whole), ("bytes=a-b", .whole), ("bytes=-", .whole), ("bytes=99999999999999999999-", .unsatisfiable),
        ("bytes=3-99999999999999999999", .part(3..<10)), ("bytes=-99999999999999999999", .part(0..<10)), ("bytes=9-9", .part(9..<10)),
        ("bytes=+1-2", .whole), ("bytes=1-2-3", .whole),
    ])
    func ranges(_ header: String, _ expected: ByteRange) { #expect(ByteRange(header, size: 10) == expected) }

    @Test("percent-encoding goes there and back, and refuses NUL and bytes that are no UTF-8") func percent() {
        #expect(PercentEncoding.decode(PercentEncoding.encode("a/b ü?&=+%").utf8) == "a/b ü?&=+%")
        #expect(PercentEncoding.decode("%00".utf8) == nil && PercentEncoding.decode("%ff".utf8) == nil)
        #expect(PercentEncoding.decode("%2".utf8) == nil && PercentEncoding.decode("%zz".utf8) == nil)
    }

    @Test("gzip is accepted when it is named, or everything is", arguments: [
        ("gzip", true), ("deflate, GZIP;q=0.5", true), ("*", true), ("gzip;q=0", false), ("*;q=0", false), ("br", false), ("", false), ("gzip;q=0, *", false),
        ("gzip;q=0.000", false), ("gzip; q=0", false), ("gzip ; Q=0", false), ("identity", false), ("identity;q=0, gzip", true), ("gzipped", false),
        ("*;q=0, gzip", true), ("br;q=1, gzip;q=0.001", true), (" , gzip", true), ("gzip;q=", false), ("gzip;q=-1", false), ("*;q=0.5", true),
    ])
    func acceptsGzip(_ header: String, _ expected: Bool) { #expect(ResponseCompression.accepts(header) == expected) }

    @Test("an event's text cannot end the event") func eventInjection() {
        let event = ServerSentEvent(id: "1\n2", event: "a\r\nb", data: "x\n\ny\r\nz")

        #expect(String(decoding: event.bytes, as: UTF8.self) == "event: ab\nid: 12\ndata: x\ndata: \ndata: y\ndata: z\n\n")
    }

    @Test("only trusted proxies are believed") func proxies() {
        let headers: Headers = ["X-Forwarded-For": "9.9.9.9, 8.8.8.8, 10.1.2.3", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.example", "Host": "inner"]
        let trust = ProxyTrust(["10.0.0.0/8", "loopback"])
        let trusted = ClientAddress(peer: "127.0.0.1", proxies: trust), stranger = ClientAddress(peer: "7.7.7.7", proxies: trust)

        #expect(trusted.peer(headers) == "8.8.8.8" && trusted.scheme(headers) == "https" && trusted.host(headers, authority: nil) == "public.example")
        #expect(!trusted.isLoopback(headers) && trusted.isLoopback([:]))
        #expect(stranger.peer(headers) == "7.7.7.7" && stranger.scheme(headers) == "http" && stranger.host(headers, authority: nil) == "inner")
        #expect(!ClientAddress(peer: "127.0.0.1").isLoopback(headers), "behind an undeclared proxy nobody is local")
        #expect(ClientAddress(peer: "::1").isLoopback([:]) && ClientAddress(peer: "unix").isLoopback([:]))
        #expect(ClientAddress(peer: "::ffff:127.0.0.1").isLoopback([:]) && !ClientAddress(peer: "128.0.0.1").isLoopback([:]))
    }

    @Test("the timer wheel fires what is due, and nothing early or twice") func wheel() {
        var generator = SplitMix(state: 3)
        var wheel = TimerWheel(now: 0)
        var deadlines: [Int32: Int64] = [:], now: Int64 = 0, fired: [Int32] = []
        for _ in 0..<20_000 {
            let entry = Int32.random(in: 0..<500, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                deadlines[entry] = now + Int64.random(in: 0...90_000_000_000, using: &generator)
                wheel.schedule(entry, at: deadlines[entry]!)
            case 2:
                deadlines[entry] = nil
                wheel.remove(entry)
            default:
                now += Int64.random(in: 0...500_000_000, using: &generator)
                wheel.due(now, into: &fired)
                let early = fired.filter { deadlines[$0].map { $0 > now } ?? true }
                let late = deadlines.filter { $0.value < now - 2 * TimerWheel.tick && !fired.contains($0.key) }
                guard early.isEmpty, late.isEmpty else { Issue.record("at \(now): early \(early), late \(late)"); return }
                for entry in fired { deadlines[entry] = nil }
                fired = []
            }
            guard wheel.count == deadlines.count else { Issue.record("\(wheel.count) entries, not \(deadlines.count)"); return }
        }
    }
}
