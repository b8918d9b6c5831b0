import CKernels

extension Tensor {
    private func pool(_ kernel: Size2D, _ stride: Size2D, _ padding: Size2D, _ out: Size2D) -> ck_pool {
        ck_pool(
            batch: Int64(shape[0]), height: Int64(shape[2]), width: Int64(shape[3]), channels: Int64(shape[1]),
            out_height: Int64(out.height), out_width: Int64(out.width), kernel_h: Int64(kernel.height), kernel_w: Int64(kernel.width),
            stride_h: Int64(stride.height), stride_w: Int64(stride.width), pad_h: Int64(padding.height), pad_w: Int64(padding.width))
    }

    /// How many windows fit, down and across.
    private func windows(_ kernel: Size2D, _ stride: Size2D, _ padding: Size2D) -> Size2D {
        require(shape.count == 4, "maxPool2d: input \(shape), expected [n, channels, height, width]")
        require(padding.height * 2 <= kernel.height && padding.width * 2 <= kernel.width,
                "maxPool2d: padding \(padding) is more than half of the kernel \(kernel)")
        require(shape[2] + 2 * padding.height >= kernel.height && shape[3] + 2 * padding.width >= kernel.width,
                "maxPool2d: kernel \(kernel) is larger than the image \(shape[2])×\(shape[3])")
        return Size2D((shape[2] + 2 * padding.height - kernel.height) / stride.height + 1,
                      (shape[3] + 2 * padding.width - kernel.width) / stride.width + 1)
    }

    /// The largest element of each window of images `[n, c, h, w]`; incomplete windows at the far edges are left out.
    /// - Parameter stride: The step between windows; the kernel's size when `nil`.
    public final func maxPool2d(_ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) -> Tensor {
        let stride = stride ?? kernel, out = windows(kernel, stride, padding)
        var p = pool(kernel, stride, padding, out)
        let input = channelsLastElements()
        let result = Tensor.uninitializedChannelsLast(Shape(shape[0], shape[1], out.height, out.width))
        let winners = Tensor.uninitialized(result.shape)      // 32-bit places, as wide as floats
        winners.pointer.withMemoryRebound(to: Int32.self, capacity: result.count) {
            ck_max_pool(&p, input.pointer, result.pointer, $0)
        }
        return result.recorded(from: self, keeping: (node: node, input: input, winners: winners, p: p)) { kept, gradient, flow in
            var p = kept.p
            let dx = Tensor.uninitialized(like: kept.input), gradient = gradient.channelsLastElements()
            kept.winners.pointer.withMemoryRebound(to: Int32.self, capacity: gradient.count) {
                ck_max_pool_gradient(&p, gradient.pointer, $0, dx.pointer)
            }
            flow.add(dx, to: kept.node)
        }
    }

    /// The mean of each of `out` equal windows of images `[n, c, h, w]`: `[n, c, out.height, out.width]`.
    public final func adaptiveAveragePool2d(_ out: Size2D) -> Tensor {
        require(shape.count == 4, "adaptiveAveragePool2d: input \(shape), expected [n, channels, height, width]")
        require(out.height > 0 && out.width > 0, "adaptiveAveragePool2d: output \(out)")
        var p = pool(1, 1, 0, out)
        let input = channelsLastElements()
        let result = Tensor.uninitializedChannelsLast(Shape(shape[0], shape[1], out.height, out.width))
        ck_adaptive_average(&p, input.pointer, result.pointer)
        return result.recorded(from: self, keeping: (node: node, shape: shape, p: p)) { kept, gradient, flow in
            var p = kept.p
            let dx = Tensor.uninitializedChannelsLast(kept.shape), gradient = gradient.channelsLastElements()
            ck_adaptive_average_gradient(&p, gradient.pointer, dx.pointer)
            flow.add(dx, to: kept.node)
        }
    }
}
