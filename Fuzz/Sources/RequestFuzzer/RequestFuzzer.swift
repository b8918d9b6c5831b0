// Compiled into one module with the server's files: see scripts/fuzz.

/// What a parser made of the input, as one number and the position reached.
private struct Digest: Equatable {
    var hash: UInt64 = 14_695_981_039_346_656_037
    var requests = 0
    var failure: HTTPError?

    /// Source: Fowler, Noll, Vo, FNV-1a.
    mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    }

    mutating func add(_ head: RequestHead) {
        add(head.part(head.facts.method))
        add(head.part(head.facts.target))
        for field in head.fieldRanges {
            add(head.part(field.name))
            add(head.part(field.value))
        }
    }
}

/// Small limits, so that short inputs reach them: a fuzzer makes ten thousand short inputs in the time of a long one.
private let limits: Limits = {
    var limits = Limits()
    limits.headBytes = 256
    limits.targetBytes = 64
    limits.headerFields = 6
    limits.chunkOverheadBytes = 24
    return limits
}()

private func digest(_ input: UnsafeBufferPointer<UInt8>, pieces: () -> Int) -> Digest {
    var parser = RequestParser(limits: limits)
    var digest = Digest()
    var start = 0
    while start < input.count {
        let piece = UnsafeBufferPointer(rebasing: input[start..<min(input.count, start + max(1, pieces()))])
        start += piece.count
        var offset = 0
        do {
            reading: while true {
                switch try parser.next(piece, &offset) {
                case .needsMore:
                    precondition(offset == piece.count, "needsMore with \(piece.count - offset) bytes left")
                    break reading
                case .head(let head): digest.add(head)
                case .body(let range):
                    precondition(range.lowerBound >= 0 && range.upperBound <= piece.count && !range.isEmpty, "body \(range) of \(piece.count)")
                    digest.add(UnsafeBufferPointer(rebasing: piece[range]))
                case .end: digest.requests += 1
                }
            }
        } catch {
            digest.failure = error
            return digest
        }
    }
    return digest
}

/// What handlers read out of a head: none of it may trap, whatever the client wrote.
private func readValues(_ input: UnsafeBufferPointer<UInt8>) {
    var parser = RequestParser(limits: limits), offset = 0
    guard case .head(let head)? = try? parser.next(input, &offset) else { return }
    if let query = head.facts.query { _ = try? Query(encoded: head.part(query)) }
    _ = PercentEncoding.decode(head.part(head.facts.path))
    let headers = Headers(head)
    for (name, value) in headers.fields {
        _ = ByteRange(value, size: 10)
        _ = HTTPDate.parse(value)
        _ = ContentCoding(value)
        _ = ResponseCompression.accepts(value)
        _ = Conditions.matches(headers.list(name), "\"a\"", weakly: true)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: bytes, count: count)
    let whole = digest(input) { input.count }
    // Which property is checked follows from the input, so that a finding can be repeated.
    var choice = whole.hash ^ UInt64(count) &* 0x9E37_79B9_7F4A_7C15
    if choice >> 32 & 15 == 0 {
        precondition(digest(input) { 1 } == whole, "byte by byte differs from whole")
        readValues(input)
    } else {
        let cut = digest(input) {
            choice = choice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(choice >> 58) + 1
        }
        precondition(cut == whole, "cut differs from whole")
    }
    return 0
}
