/// Parses a chunked body (RFC 9112 §7.1): pure, byte by byte for the framing, in ranges for the data.
///
/// Extensions and trailers are checked, bounded and dropped: nothing here needs them, and merging trailers into headers is
/// how checks are bypassed.
struct ChunkedParser {
    enum Step: Equatable { case needsMore, data(Range<Int>), end }

    private enum State {
        case size(digits: Int), extensions, sizeFeed, data, dataReturn, dataFeed
        case lineStart, trailerName, trailerValue, trailerFeed, endFeed
    }

    private var state = State.size(digits: 0)
    private var remaining = 0
    private var overhead = 0
    private let overheadLimit: Int

    /// - Parameter overheadLimit: Bytes of extensions beyond those of data so far, and of all trailers together.
    init(overheadLimit: Int) { self.overheadLimit = overheadLimit }

    /// Continues at `offset` of `input` and moves it behind what was used.
    mutating func next(_ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int) throws(HTTPError) -> Step {
        while offset < input.count {
            if case .data = state {
                let count = min(remaining, input.count - offset)
                let range = offset..<offset + count
                offset += count
                remaining -= count
                if remaining == 0 { state = .dataReturn }
                return .data(range)
            }
            let byte = input[offset]
            offset += 1
            if try take(byte) { return .end }
        }
        return .needsMore
    }

    /// - Returns: Whether the body has ended.
    private mutating func take(_ byte: UInt8) throws(HTTPError) -> Bool {
        switch state {
        case .size(let digits): try takeSize(byte, digits)
        case .extensions:
            if byte == Byte.cr { state = .sizeFeed } else { try takeOverhead(byte) }
        case .sizeFeed:
            try expect(byte, Byte.lf)
            // Extensions may not outweigh the data: else a body of single bytes could cost a thousandfold in extensions.
            overhead = remaining == 0 ? 0 : max(0, overhead - remaining)
            state = remaining == 0 ? .lineStart : .data
        case .dataReturn:
            try expect(byte, Byte.cr)
            state = .dataFeed
        case .dataFeed:
            try expect(byte, Byte.lf)
            state = .size(digits: 0)
        case .endFeed:
            try expect(byte, Byte.lf)
            return true
        case .lineStart, .trailerName, .trailerValue, .trailerFeed: try takeTrailer(byte)
        case .data: break
        }
        return false
    }

    private mutating func takeSize(_ byte: UInt8, _ digits: Int) throws(HTTPError) {
        if let digit = Byte.hexValue(byte) {
            guard digits < 15 else { throw .malformedRequest("a chunk's size has more than 15 digits") }
            remaining = remaining << 4 | Int(digit)
            state = .size(digits: digits + 1)
        } else if digits > 0, byte == Byte.cr {
            state = .sizeFeed
        } else if digits > 0, byte == Byte.semicolon {
            state = .extensions
        } else {
            throw .malformedRequest("a chunk's size is not a hexadecimal number")
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .lineStart where byte == Byte.cr: state = .endFeed
        case .lineStart where Byte.isToken(byte), .trailerName where Byte.isToken(byte):
            try takeOverhead(byte)
            state = .trailerName
        case .trailerName where byte == Byte.colon: state = .trailerValue
        case .trailerValue where byte == Byte.cr: state = .trailerFeed
        case .trailerValue: try takeOverhead(byte)
        case .trailerFeed:
            try expect(byte, Byte.lf)
            state = .lineStart
        default: throw .malformedRequest("a trailer behind the chunked body is not a header line")
        }
    }

    private mutating func takeOverhead(_ byte: UInt8) throws(HTTPError) {
        overhead += 1
        guard overhead <= overheadLimit else { throw .headersTooLarge(limit: overheadLimit) }
        guard byte == Byte.tab || (byte >= Byte.space && byte != 0x7F) else {
            throw .malformedRequest("a chunk extension or trailer has a control character")
        }
    }

    private func expect(_ byte: UInt8, _ wanted: UInt8) throws(HTTPError) {
        guard byte == wanted else { throw .malformedRequest("a chunk is not framed by CR LF") }
    }
}
