/// Bytes 0…255 of a picture `[height, width, channels]` as numbers 0…1 `[channels, height, width]`, as torchvision's `ToTensor`.
/// - Throws: ``DataError/wrongShape(operation:shape:needed:)`` unless the shape has three axes.
@Sendable public func toTensor(_ picture: RawArray<UInt8>) throws -> RawArray<Float> {
    guard picture.shape.count == 3 else {
        throw DataError.wrongShape(operation: "toTensor", shape: picture.shape, needed: "[height, width, channels]")
    }
    let (height, width, channels) = (picture.shape[0], picture.shape[1], picture.shape[2])
    let plane = height * width
    let values = [Float](unsafeUninitializedCapacity: picture.elements.count) { target, count in
        for channel in 0..<channels {
            for pixel in 0..<plane { target[channel * plane + pixel] = Float(picture.elements[pixel * channels + channel]) / 255 }
        }
        count = picture.elements.count
    }
    return RawArray(values, shape: [channels, height, width])
}

/// Cuts the middle out of pictures whose last two axes are height and width, padding with zeros where they are smaller.
///
/// Rounds as torchvision's `CenterCrop`: an odd margin's half goes to the even neighbour.
public struct CenterCrop: Sendable {
    /// What is cut out, in pixels.
    public let height, width: Int

    /// Cuts a rectangle.
    /// - Precondition: Both sizes ≥ 1.
    public init(height: Int, width: Int) {
        precondition(height > 0 && width > 0, "CenterCrop: \(height) × \(width) is no size; both must be at least 1")
        (self.height, self.width) = (height, width)
    }

    /// Cuts a square.
    public init(_ size: Int) { self.init(height: size, width: size) }

    /// - Parameter picture: `[…, height, width]`
    /// - Throws: ``DataError/wrongShape(operation:shape:needed:)`` below two axes.
    public func callAsFunction(_ picture: RawArray<Float>) throws -> RawArray<Float> {
        guard picture.shape.count >= 2 else {
            throw DataError.wrongShape(operation: "CenterCrop", shape: picture.shape, needed: "[…, height, width]")
        }
        let lead = Array(picture.shape.dropLast(2))
        let (oldHeight, oldWidth) = (picture.shape[lead.count], picture.shape[lead.count + 1])
        let (top, left) = (Self.start(of: height, in: oldHeight), Self.start(of: width, in: oldWidth))
        var result = [Float](repeating: 0, count: lead.reduce(1, *) * height * width)
        let columns = max(0, -left)..<min(width, oldWidth - left)
        for plane in 0..<lead.reduce(1, *) {
            for row in max(0, -top)..<min(height, oldHeight - top) {
                let source = (plane * oldHeight + row + top) * oldWidth + left, target = (plane * height + row) * width
                for column in columns { result[target + column] = picture.elements[source + column] }
            }
        }
        return RawArray(result, shape: lead + [height, width])
    }

    /// Where the cut begins on one axis; negative where zeros come first.
    static func start(of size: Int, in old: Int) -> Int {
        size > old ? -((size - old) / 2) : Int((Double(old - size) / 2).rounded(.toNearestOrEven))
    }
}

/// Mean and spread of each channel, to bring inputs to mean 0 and standard deviation 1.
public struct ChannelStatistics: Sendable, Equatable {
    /// One number for each channel.
    public let mean: [Float]
    /// One number for each channel, not 0.
    public let deviation: [Float]
    /// Which axis of a batch holds the channels: 1 for N,C,H,W, 3 for N,H,W,C.
    public let channelAxis: Int

    /// Statistics that are known, such as those of the set that a backbone was trained on.
    public init(mean: [Float], deviation: [Float], channelAxis: Int) {
        precondition(mean.count == deviation.count, "ChannelStatistics: \(mean.count) means but \(deviation.count) deviations")
        (self.mean, self.deviation, self.channelAxis) = (mean, deviation, channelAxis)
    }

    /// Over a batch's samples, height and width; the deviation is the unbiased one (n − 1).
    /// - Throws: ``DataError/constantChannel(_:)``, ``DataError/wrongShape(operation:shape:needed:)``
    public init(of inputs: RawArray<Float>, channelAxis: Int = 1) throws {
        let shape = inputs.shape
        guard shape.indices.contains(channelAxis), inputs.elements.count > shape[channelAxis] else {
            throw DataError.wrongShape(
                operation: "ChannelStatistics(channelAxis: \(channelAxis))", shape: shape, needed: "that axis, and several values in each channel")
        }
        let channels = shape[channelAxis], inner = shape[(channelAxis + 1)...].reduce(1, *)
        let perChannel = Double(inputs.elements.count / channels)
        var sums = [Double](repeating: 0, count: channels), squares = sums
        for (offset, value) in inputs.elements.enumerated() { sums[offset / inner % channels] += Double(value) }
        let means = sums.map { $0 / perChannel }
        for (offset, value) in inputs.elements.enumerated() {
            let channel = offset / inner % channels, difference = Double(value) - means[channel]
            squares[channel] += difference * difference
        }
        if let channel = squares.firstIndex(of: 0) { throw DataError.constantChannel(channel) }
        self.init(mean: means.map { Float($0) }, deviation: squares.map { Float(($0 / (perChannel - 1)).squareRoot()) }, channelAxis: channelAxis)
    }

    /// `(x − mean) ÷ deviation`, channel by channel; a batch transform of ``DataLoader``.
    /// - Throws: ``DataError/wrongShape(operation:shape:needed:)`` when the batch has another number of channels.
    @Sendable public func normalize(_ batch: RawBatch) throws -> RawBatch {
        let inputs = batch.inputs
        guard inputs.shape.indices.contains(channelAxis), inputs.shape[channelAxis] == mean.count else {
            throw DataError.wrongShape(operation: "normalize", shape: inputs.shape, needed: "\(mean.count) channels on axis \(channelAxis)")
        }
        let inner = inputs.shape[(channelAxis + 1)...].reduce(1, *)
        var values = inputs.elements
        for start in stride(from: 0, to: values.count, by: inner) {
            let channel = start / inner % mean.count
            for offset in start..<start + inner { values[offset] = (values[offset] - mean[channel]) / deviation[channel] }
        }
        return RawBatch(inputs: RawArray(values, shape: inputs.shape), targets: batch.targets)
    }
}
