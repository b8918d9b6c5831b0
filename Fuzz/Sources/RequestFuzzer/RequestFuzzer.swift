// Compiled into one module with the parser's files: see scripts/fuzz.

/// What a parser made of the input, as one number and the position reached.
private struct Digest: Equatable {
    var hash: UInt64 = 14_695_981_039_346_656_037
    var requests = 0
    var failure: HTTPError?

    /// Source: Fowler, Noll, Vo, FNV-1a.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    }
}

private func digest(_ input: UnsafeBufferPointer<UInt8>, pieces: () -> Int) -> Digest {
    var parser = RequestParser(limits: Limits())
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
                case .head(let head):
                    digest.add(head.part(head.facts.target))
                    for field in head.fieldRanges { digest.add(head.part(field.name)); digest.add(head.part(field.value)) }
                case .body(let range):
                    precondition(range.lowerBound >= 0 && range.upperBound <= piece.count && !range.isEmpty, "body \(range) of \(piece.count)")
                    digest.add(piece[range])
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

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: bytes, count: count)
    let whole = digest(input) { input.count }
    precondition(digest(input) { 1 } == whole, "byte by byte differs from whole")
    var place = 0
    let cut = digest(input) {
        place = (place + 7) % max(1, input.count)
        return Int(input[place] & 31) + 1
    }
    precondition(cut == whole, "cut differs from whole")
    return 0
}
