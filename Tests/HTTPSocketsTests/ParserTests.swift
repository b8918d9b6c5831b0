import Testing
@testable import HTTPSockets

/// What a parser made of some bytes.
private enum Outcome: Equatable {
    case request(method: String, target: String, fields: [String], body: [UInt8])
    case failure(HTTPError)
    case unfinished(insideHead: Bool)
}

private func parse(_ pieces: [[UInt8]]) -> [Outcome] {
    var parser = RequestParser(limits: Limits())
    var outcomes: [Outcome] = []
    var head: RequestHead?
    var body: [UInt8] = []
    for piece in pieces {
        var offset = 0
        do {
            try piece.withUnsafeBufferPointer { input throws(HTTPError) in
                reading: while true {
                    switch try parser.next(input, &offset) {
                    case .needsMore: break reading
                    case .head(let new): head = new
                    case .body(let range): body += input[range]
                    case .end:
                        let fields = head!.allFields.map { "\($0.name)=\($0.value)" }
                        outcomes.append(.request(method: head!.text(head!.facts.method), target: head!.text(head!.facts.target), fields: fields, body: body))
                        body = []
                    }
                }
            }
        } catch {
            return outcomes + [.failure(error)]
        }
    }
    return parser.isIdle ? outcomes : outcomes + [.unfinished(insideHead: parser.isInsideHead)]
}

private func cut(_ bytes: [UInt8], using generator: inout some RandomNumberGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = [], start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...max(1, [3, 20, 200].randomElement(using: &generator)!), using: &generator))
        pieces.append(Array(bytes[start..<end]))
        start = end
    }
    return pieces
}

/// A seeded generator, so that a failure can be repeated. Source: Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators* (2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite("The request parser") struct ParserTests {
    private static let seeds: [String] = [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\nPOST /echo?a=b HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\nX-Y: z, \t w\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: t\r\nOther: u\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close, foo\r\nExpect: 100-continue\r\n\r\n",
        "GET http://other/x HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n", "GET /\(String(repeating: "a", count: 8_300)) HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "A: \(String(repeating: "b", count: 3_000))\r\n", count: 11) + "\r\n",
    ]

    @Test("says the same however the bytes are cut", arguments: seeds)
    func cuts(_ text: String) {
        let bytes = Array(text.utf8)
        let whole = parse([bytes])
        var generator = SplitMix(state: 1)

        #expect(parse(bytes.map { [$0] }) == whole)
        for _ in 0..<50 { #expect(parse(cut(bytes, using: &generator)) == whole) }
        #expect(!whole.isEmpty)
    }

    @Test("says the same of damaged bytes however they are cut")
    func damagedCuts() {
        var generator = SplitMix(state: 2)
        let interesting = Array("\r\n\0 :\t;,0aF-+%/*#".utf8) + [0x7F, 0x80, 0xFF]
        for round in 0..<20_000 {
            var bytes = Array(Self.seeds[Int.random(in: 0..<8, using: &generator)].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = interesting.randomElement(using: &generator)!
                case 1: bytes.insert(interesting.randomElement(using: &generator)!, at: place)
                default: bytes.remove(at: place)
                }
            }
            let whole = parse([bytes])
            let pieces = round % 4 == 0 ? bytes.map { [$0] } : cut(bytes, using: &generator)
            guard parse(pieces) == whole else {
                Issue.record("round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription) as \(pieces.map(\.count))")
                return
            }
        }
    }

    @Test("takes linear time on a head that arrives byte by byte")
    func linear() {
        let head = Array(("GET / HTTP/1.1\r\nHost: h\r\nA: " + String(repeating: "b", count: 32_000)).utf8)
        let clock = ContinuousClock()

        let time = clock.measure { _ = parse(head.map { [$0] }) }

        #expect(time < .seconds(10), "32 000 single bytes took \(time)")
    }

    @Test("is idle again behind a request that came in two pieces")
    func idle() {
        var parser = RequestParser(limits: Limits())
        for piece in ["GET / HT", "TP/1.1\r\nHost: h\r\n\r\n"].map({ Array($0.utf8) }) {
            var offset = 0
            piece.withUnsafeBufferPointer { input in
                while case .some(let event) = try? parser.next(input, &offset) { if case .needsMore = event { break } }
            }
        }

        #expect(parser.isIdle && !parser.isInsideHead)
    }
}
