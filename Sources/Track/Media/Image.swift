import Foundation

/// A picture to log: pixels of an array, or a file that is encoded already.
///
/// ```swift
/// track.log(image: Image(pixels: digit, width: 8, height: 8), name: "digits", step: 10, caption: "a 7")
/// track.log(image: Image(png: try Data(contentsOf: plot)), name: "plot")
/// ```
/// Making one never fails: what cannot be a picture is told once, on the standard error stream, when it is logged.
public struct Image: Sendable {
    /// How the channels of an array of pixels follow each other.
    public enum Layout: Sendable {
        /// `[height, width, channels]`: the channels of a pixel stand side by side.
        case interleaved
        /// `[channels, height, width]`: one plane for each channel, as networks have them.
        case planar
    }

    enum Content: Sendable {
        case encoded(bytes: [UInt8], contentType: String)
        case defect(String)
    }
    let content: Content

    /// A picture of bytes, 0 black … 255 white or full.
    /// - Parameters:
    ///   - pixels: Row by row from the top. As many channels as fit: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    /// - Complexity: O(`pixels.count`): they are packed as PNG, on this thread.
    public init(pixels: [UInt8], width: Int, height: Int, layout: Layout = .interleaved) {
        let area = width.multipliedReportingOverflow(by: height)
        guard width > 0, height > 0, !area.overflow, width < 1 << 20, height < 1 << 20, pixels.count.isMultiple(of: area.partialValue),
              (1...4).contains(pixels.count / area.partialValue) else {
            content = .defect("\(pixels.count) numbers are no picture of \(width) × \(height) pixels with 1 to 4 channels")
            return
        }
        let channels = pixels.count / area.partialValue
        let ordered = layout == .planar && channels > 1 ? Self.interleaved(pixels, channels) : pixels
        content = PNGWriter.encode(ordered, width: width, height: height, channels: channels).map { .encoded(bytes: $0, contentType: "image/png") }
            ?? .defect("there was no memory to pack \(pixels.count) bytes")
    }

    /// A picture of numbers.
    /// - Parameter range: What is black and what is white or full; numbers outside are cut, NaN is black.
    public init<Value: BinaryFloatingPoint>(
        pixels: [Value], width: Int, height: Int, layout: Layout = .interleaved, range: ClosedRange<Value> = 0...1
    ) {
        let extent = range.upperBound - range.lowerBound, scale = extent > 0 ? 255 / extent : 0
        let bytes = pixels.map { value in
            let level = (value - range.lowerBound) * scale
            return level > 0 ? UInt8(Swift.min(level.rounded(), 255)) : 0
        }
        self.init(pixels: bytes, width: width, height: height, layout: layout)
    }

    /// A picture in the bytes of a PNG file.
    public init(png bytes: some Sequence<UInt8>) { self.init(encoded: bytes) }

    /// A picture in the bytes of a JPEG file.
    public init(jpeg bytes: some Sequence<UInt8>) { self.init(encoded: bytes) }

    /// A picture in the bytes of a PNG, JPEG, GIF or WebP file; which, its first bytes tell.
    public init(encoded bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        content = Self.type(of: bytes).map { .encoded(bytes: bytes, contentType: $0) }
            ?? .defect("its \(bytes.count) bytes are neither PNG nor JPEG, GIF or WebP")
    }

    /// A picture in a file.
    public init(contentsOf path: String) {
        if let data = FileManager.default.contents(atPath: path) { self.init(encoded: data) } else { self.init(.defect("the file \(path) cannot be read")) }
    }

    private init(_ content: Content) { self.content = content }

    private static func interleaved(_ pixels: [UInt8], _ channels: Int) -> [UInt8] {
        let plane = pixels.count / channels
        return [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            for index in 0..<pixels.count { buffer[index % plane * channels + index / plane] = pixels[index] }
            count = pixels.count
        }
    }

    private static func type(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WEBP".utf8) { return "image/webp" }
        return nil
    }
}
