import CZlib

/// Writes pixels of 8 bits a channel as PNG. Source: W3C, *Portable Network Graphics, Third Edition* (2025).
enum PNGWriter {
    /// - Parameters:
    ///   - pixels: Row by row from the top, the channels of a pixel side by side.
    ///   - channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    /// - Returns: `nil` if zlib has no memory.
    static func encode(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8]? {
        guard let data = compress(filtered(pixels, rowBytes: width * channels, height: height, channels: channels)) else { return nil }
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        var header: [UInt8] = []
        append(UInt32(width), to: &header)
        append(UInt32(height), to: &header)
        header += [8, [0, 4, 2, 6][channels - 1], 0, 0, 0]      // depth, colour type, deflate, adaptive filters, no interlace
        appendChunk("IHDR", header, to: &bytes)
        appendChunk("IDAT", data, to: &bytes)
        appendChunk("IEND", [], to: &bytes)
        return bytes
    }

    /// Each row under the filter whose differences are least in sum: the specification's own advice. None, left, above and their mean are tried.
    private static func filtered(_ pixels: [UInt8], rowBytes: Int, height: Int, channels: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((rowBytes + 1) * height)
        var best = [UInt8](repeating: 0, count: rowBytes), trial = best
        for row in 0..<height {
            var bestSum = Int.max, bestFilter: UInt8 = 0
            for filter in 0..<UInt8(4) {
                let sum = apply(filter, pixels, start: row * rowBytes, rowBytes, hasAbove: row > 0, channels, into: &trial)
                if sum < bestSum {
                    (bestSum, bestFilter) = (sum, filter)
                    swap(&best, &trial)
                }
            }
            result.append(bestFilter)
            result.append(contentsOf: best)
        }
        return result
    }

    /// - Returns: The sum of the differences, as signed bytes without their signs.
    private static func apply(
        _ filter: UInt8, _ pixels: [UInt8], start: Int, _ count: Int, hasAbove: Bool, _ channels: Int, into row: inout [UInt8]
    ) -> Int {
        var sum = 0
        for index in 0..<count {
            let left = index >= channels ? Int(pixels[start + index - channels]) : 0, above = hasAbove ? Int(pixels[start + index - count]) : 0
            let guess = switch filter {
            case 0: 0
            case 1: left
            case 2: above
            default: (left + above) / 2
            }
            row[index] = pixels[start + index] &- UInt8(guess)
            sum += abs(Int(Int8(bitPattern: row[index])))
        }
        return sum
    }

    private static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&result, &length, bytes, uLong(bytes.count), 4) == Z_OK else { return nil }
        result.removeLast(result.count - Int(length))
        return result
    }

    private static func appendChunk(_ kind: String, _ data: [UInt8], to bytes: inout [UInt8]) {
        let body = Array(kind.utf8) + data
        append(UInt32(data.count), to: &bytes)
        bytes += body
        append(UInt32(crc32(0, body, uInt(body.count))), to: &bytes)
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
}
