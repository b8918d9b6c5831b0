import CKernels

/// A height and a width: kernel size, stride, padding, dilation.
public struct Size2D: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// In pixels.
    public var height: Int, width: Int
    /// Creates a size.
    public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
    /// The same size in both directions.
    public init(integerLiteral size: Int) { self.init(size, size) }
    /// The same size in both directions.
    public init(_ size: Int) { self.init(size, size) }
    /// `3×3`.
    public var description: String { "\(height)×\(width)" }
}

extension Tensor {
    /// Two-dimensional convolution (cross-correlation) of images `[n, in, h, w]` with weights `[out, in / groups, kh, kw]`.
    ///
    /// The result has height ⌊(h + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1, and the like in width. Inside, images
    /// lie channels last; a result keeps that order, which is invisible except to ``withScalars(_:)``'s speed.
    /// - Parameters:
    ///   - bias: One number for each output channel, `[out]`.
    ///   - relu: Cut negative results to 0 in the same pass.
    public final func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1,
        groups: Int = 1, relu: Bool = false
    ) -> Tensor {
        var c = convolution(weight, bias, stride, padding, dilation, groups)
        let weights = weight.contiguousElements()
        let outShape = Shape(shape[0], weight.shape[0], Int(c.out_height), Int(c.out_width))
        let result = Tensor.uninitializedChannelsLast(outShape)
        let packed = weights.packed(for: &c)
        ck_conv_forward_packed(&c, pointer, packed.pointer, bias?.pointer, relu, result.pointer)
        return result.recorded(from: self, weight, bias, keeping: (
            input: self, weights: weights, source: node, weight: weight.node, bias: bias?.node, output: relu ? result.detach() : nil, c: c
        )) { kept, gradient, flow in
            var c = kept.c
            let gradient = gradient.channelsLastElements()
            var dx = kept.source == nil ? nil : Tensor.uninitializedChannelsLast(kept.input.shape)
            var dw = kept.weight == nil ? nil : Tensor.uninitialized(kept.weights.shape)
            var db = kept.bias == nil ? nil : Tensor.uninitialized(Shape(kept.weights.shape[0]))
            ck_conv_backward(&c, kept.input.pointer, kept.weights.pointer, kept.output?.pointer, gradient.pointer,
                             dx?.pointer, dw?.pointer, db?.pointer)
            flow.give(&dx, to: kept.source)
            flow.give(&dw, to: kept.weight)
            flow.give(&db, to: kept.bias)
        }
    }

    /// These weights in the order that the kernel reads them; kept until they change.
    private func packed(for c: inout ck_conv) -> Storage {
        storage.copy(packing: ck_conv_packing(&c) << 32 + Int64(offset), count: Int(ck_conv_packed_count(&c))) { ck_conv_pack(&c, pointer, $0) }
    }

    private func convolution(
        _ weight: Tensor, _ bias: Tensor?, _ stride: Size2D, _ padding: Size2D, _ dilation: Size2D, _ groups: Int
    ) -> ck_conv {
        require(shape.count == 4 && weight.shape.count == 4,
                "conv2d: input \(shape) and weight \(weight.shape), expected [n, channels, height, width] and "
                + "[out, in / groups, height, width]. Use unsqueeze(0) for a single image.")
        let expected = weight.shape[1] * groups
        require(shape[1] == expected, ConvolutionMismatch(weight: weight.shape, input: shape, groups: groups).description)
        require(groups > 0 && weight.shape[0] % groups == 0, "conv2d: \(weight.shape[0]) output channels do not divide into \(groups) groups")
        require(bias?.isVector(weight.shape[0]) ?? true, "conv2d: bias \(bias!.shape) for \(weight.shape[0]) output channels")
        func size(_ input: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
            (input + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
        }
        let spanHeight = dilation.height * (weight.shape[2] - 1) + 1, spanWidth = dilation.width * (weight.shape[3] - 1) + 1
        require(stride.height > 0 && stride.width > 0 && dilation.height > 0 && dilation.width > 0 && padding.height >= 0 && padding.width >= 0,
                "conv2d: stride \(stride) and dilation \(dilation) must be positive, padding \(padding) not negative")
        require(shape[2] + 2 * padding.height >= spanHeight && shape[3] + 2 * padding.width >= spanWidth,
                "conv2d: kernel \(spanHeight)×\(spanWidth) is larger than the padded image, "
                + "\(shape[2] + 2 * padding.height)×\(shape[3] + 2 * padding.width). Use padding or a smaller kernel.")
        require(weight.shape[2] * weight.shape[3] <= 1024, "conv2d: kernel \(weight.shape[2])×\(weight.shape[3]) has more than 1024 taps")
        return ck_conv(
            batch: Int64(shape[0]), height: Int64(shape[2]), width: Int64(shape[3]), in_channels: Int64(shape[1]),
            out_channels: Int64(weight.shape[0]),
            out_height: Int64(size(shape[2], weight.shape[2], stride.height, padding.height, dilation.height)),
            out_width: Int64(size(shape[3], weight.shape[3], stride.width, padding.width, dilation.width)),
            kernel_h: Int64(weight.shape[2]), kernel_w: Int64(weight.shape[3]), stride_h: Int64(stride.height), stride_w: Int64(stride.width),
            pad_h: Int64(padding.height), pad_w: Int64(padding.width), dilation_h: Int64(dilation.height), dilation_w: Int64(dilation.width),
            groups: Int64(groups),
            x_strides: (Int64(strides[0]), Int64(strides[2]), Int64(strides[3]), Int64(strides[1])))
    }
}

/// What to say when an image's channels don't fit a convolution, most often because it is in channels-last order.
struct ConvolutionMismatch: CustomStringConvertible {
    let weight: Shape, input: Shape, groups: Int

    var description: String {
        let expected = weight[1] * groups
        var text = "Given groups=\(groups), weight of size \(weight), expected input\(input) to have \(expected) channels, "
            + "but got \(input[1]) channels instead."
        if input[3] == expected {
            text += " The last size is \(expected): this looks like [n, height, width, channels]. "
                + "Permute each batch before the model: x.permute(0, 3, 1, 2)."
        } else {
            text += " Images are [n, channels, height, width]; make the layer with \(input[1]) input channels or permute the batch."
        }
        return text
    }
}
