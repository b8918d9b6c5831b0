public import Tensors

/// Two-dimensional convolution of images `[n, inputs, h, w]`. Weight `[outputs, inputs / groups, kh, kw]`, Kaiming
/// normal; bias `[outputs]` starts at 0.
public final class Conv2d: Module, FusesReLU {
    /// The kernels.
    public let weight: Parameter
    /// One number for each output channel; `nil` without.
    public let bias: Parameter?
    /// As `Tensor.conv2d` takes them.
    public let stride: Size2D, padding: Size2D, dilation: Size2D, groups: Int

    /// Makes the layer with its first weights.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Size2D, stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1,
        groups: Int = 1, bias: Bool = true, initializer: Initializer = .kaimingNormal
    ) {
        require(groups > 0 && inputs % groups == 0, "\(inputs) input channels do not divide into \(groups) groups")
        weight = Parameter(initializer([outputs, inputs / groups, kernel.height, kernel.width]))
        self.bias = bias ? Parameter(.zeros([outputs])) : nil
        (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    }

    public override func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }

    func forward(_ x: Tensor, relu: Bool) -> Tensor {
        x.conv2d(weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, relu: relu)
    }
}

/// A 3×3 convolution with padding 1, then ReLU if `act`: the building block of small image networks.
///
/// Weight `[outputs, inputs, 3, 3]`: Kaiming normal before a ReLU, else Xavier normal. Bias `[outputs]` starts at 0.
public final class ConvLayer: Module {
    /// The kernels.
    public let weight: Parameter
    /// One number for each output channel; `nil` without.
    public let bias: Parameter?
    /// The step between windows, in both directions.
    public let stride: Int
    /// Whether a ReLU follows.
    public let act: Bool

    /// Makes the layer; a stride of 2 halves height and width.
    public init(_ inputs: Int, _ outputs: Int, stride: Int = 1, bias: Bool = true, act: Bool = true) {
        let initializer: Initializer = act ? .kaimingNormal : .xavierNormal
        weight = Parameter(initializer([outputs, inputs, 3, 3]))
        self.bias = bias ? Parameter(.zeros([outputs])) : nil
        (self.stride, self.act) = (stride, act)
    }

    public override func forward(_ x: Tensor) -> Tensor {
        x.conv2d(weight, bias: bias, stride: Size2D(stride), padding: 1, relu: act)
    }
}

/// The largest element of each window; windows don't overlap unless a smaller stride is given.
public final class MaxPool2d: Module {
    /// The window, the step between windows, and the border that counts as −∞.
    public let kernel: Size2D, stride: Size2D, padding: Size2D

    /// Makes the layer; `stride` is the kernel's size when `nil`.
    public init(_ kernel: Size2D, stride: Size2D? = nil, padding: Size2D = 0) {
        (self.kernel, self.stride, self.padding) = (kernel, stride ?? kernel, padding)
    }

    public override func forward(_ x: Tensor) -> Tensor { x.maxPool2d(kernel, stride: stride, padding: padding) }
}

/// The mean of each channel over height and width: `[n, c, h, w]` becomes `[n, c]`.
public final class AdaptivePool: Module {
    public override init() {}
    public override func forward(_ x: Tensor) -> Tensor { x.adaptiveAveragePool2d(1).flatten() }
}

/// The mean of each of `size` equal windows: `[n, c, h, w]` becomes `[n, c, size.height, size.width]`.
public final class AdaptiveAvgPool2d: Module {
    /// The height and width that come out.
    public let size: Size2D
    /// Makes the layer with the height and width that come out.
    public init(_ size: Size2D) { self.size = size }
    public override func forward(_ x: Tensor) -> Tensor { x.adaptiveAveragePool2d(size) }
}
