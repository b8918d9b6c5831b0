public import Tensors

/// Layers one after another.
public final class Sequential: Module {
    /// The layers, first to last.
    public private(set) var layers: [Module]

    /// Chains the layers.
    public init(_ layers: [Module]) { self.layers = layers }
    /// Chains the layers.
    public convenience init(_ layers: Module...) { self.init(layers) }

    public override var transparentProperty: String? { "layers" }

    /// The layer at a place; setting it replaces, for example, the head of a trained model.
    public subscript(place: Int) -> Module {
        get { layers[place] }
        set { layers[place] = newValue }
    }

    /// The number of layers.
    public var count: Int { layers.count }

    /// Adds a layer at the end.
    public func append(_ layer: Module) { layers.append(layer) }

    public override func forward(_ x: Tensor) -> Tensor {
        var x = x
        var place = 0
        while place < layers.count {
            // A ReLU after a layer that can cut its own result costs no pass of its own, unless someone watches.
            if place + 1 < layers.count, let layer = layers[place] as? any FusesReLU, layer.hooks.isEmpty,
               layers[place + 1] is ReLU, layers[place + 1].hooks.isEmpty {
                x = layer.forward(x, relu: true)
                place += 2
            } else {
                x = layers[place](x)
                place += 1
            }
        }
        return x
    }
}

/// A layer made of a function, for reshaping between other layers.
public final class Lambda: Module {
    private let body: (Tensor) -> Tensor
    /// Makes the layer.
    public init(_ body: @escaping (Tensor) -> Tensor) { self.body = body }
    public override func forward(_ x: Tensor) -> Tensor { body(x) }
}
