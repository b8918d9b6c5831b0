import CKernels

/// Runs `body` without recording: results carry no graph, and memory that only gradients need is not kept.
///
/// Use it for validation and inference. Scopes nest; the setting belongs to the calling thread.
public func noGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = ck_is_recording()
    ck_set_recording(false)
    defer { ck_set_recording(before) }
    return try body()
}

/// Runs `body` with recording, inside a ``noGrad(_:)`` for example.
public func enableGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = ck_is_recording()
    ck_set_recording(true)
    defer { ck_set_recording(before) }
    return try body()
}

extension Tensor {
    /// Whether operations on this tensor are recorded, so that ``backward(keepingGraph:)`` reaches it or what made it.
    ///
    /// Setting it makes a leaf that collects a gradient (`true`), or freezes it (`false`): a frozen tensor gets no
    /// gradient, and backward skips whatever only leads to frozen ones.
    /// - Precondition: When set to `false`, the tensor is a leaf; use ``detach()`` for results of operations.
    public final var requiresGrad: Bool {
        get { node != nil }
        set {
            if newValue {
                if node == nil {
                    Results.forget(self)      // a leaf's end is told to the graph at once
                    node = Node(leaf: self)
                }
            } else {
                require(node?.isLeaf ?? true, "requiresGrad = false on the result of an operation, shape \(shape). Use detach().")
                node?.leaf = nil
                node = nil
            }
        }
    }

    /// Sets ``requiresGrad`` and returns the tensor, for chains such as `x.clone().detach().requiresGrad(true)`.
    @discardableResult
    public final func requiresGrad(_ requires: Bool) -> Self {
        requiresGrad = requires
        return self
    }

    /// Whether this tensor was made by the program, not by a recorded operation.
    public final var isLeaf: Bool { node?.isLeaf ?? true }

    /// The sum of the gradients that backward runs brought to this leaf since the last ``zeroGrad()``; `nil` before.
    public final var grad: Tensor? {
        get { node.flatMap { $0.isLeaf ? $0.gradient : nil } }
        set {
            guard let node, node.isLeaf else {
                require(newValue == nil, "grad set on a tensor that collects none: it does not require a gradient or is not a leaf")
                return
            }
            require(newValue.map { $0.shape == shape } ?? true, "grad of shape \(newValue!.shape) for a tensor of shape \(shape)")
            node.gradient = newValue.map { $0.isContiguous ? $0.detach() : $0.copied() }
        }
    }

    /// Forgets the gradient collected so far. Gradients accumulate, so call this before each step's backward.
    public final func zeroGrad() { if let node, node.isLeaf { node.gradient = nil } }

    /// The same elements without the graph: no gradient passes. Shares memory with this tensor.
    public final func detach() -> Tensor { sharing() }

    /// A copy with its own memory, still in the graph: gradients pass through.
    ///
    /// For a copy that stands alone write `clone().detach()`, and `clone().detach().requiresGrad(true)` for one that
    /// collects its own gradient. No initialiser drops the graph silently.
    public final func clone() -> Tensor {
        copied().recorded(from: self, keeping: node) { node, gradient, flow in flow.add(gradient, to: node) }
    }

    /// Computes the gradient of this scalar with respect to every leaf that requires one, and adds it to their ``grad``.
    ///
    /// - Parameter keepingGraph: Keep what backward needs, so that it can run again. By default it is freed on the way.
    /// - Precondition: The tensor has one element and is in a graph.
    /// - Complexity: About twice the cost of the forward pass.
    public final func backward(keepingGraph: Bool = false) {
        require(count == 1, "backward: the loss has shape \(shape), not one element. Reduce it with mean() or sum(), "
                + "or pass backward(gradient:).")
        backward(gradient: Tensor.full(shape, 1), keepingGraph: keepingGraph)
    }

    /// Computes gradients from a given gradient of this tensor; see ``backward(keepingGraph:)``.
    /// - Precondition: The shapes are equal.
    public final func backward(gradient: Tensor, keepingGraph: Bool = false) {
        runBackward(gradient: gradient, keepingGraph: keepingGraph).retire()
    }

    /// Like ``backward(keepingGraph:)``; returns the leaves that received a gradient, so that a training loop can find
    /// parameters which its model does not list.
    public final func backwardReachingLeaves() -> [Tensor] {
        require(count == 1, "backward: the loss has shape \(shape), not one element. Reduce it with mean() or sum().")
        let flow = runBackward(gradient: Tensor.full(shape, 1), keepingGraph: false)
        defer { flow.retire() }
        return flow.leaves.compactMap(\.leaf)
    }

    private func runBackward(gradient: Tensor, keepingGraph: Bool) -> Backward {
        guard let node else {
            fatalError("backward: nothing to differentiate. No input of this tensor requires a gradient, "
                       + "or it was computed inside noGrad.")
        }
        require(gradient.shape == shape, "backward: gradient of shape \(gradient.shape) for a tensor of shape \(shape)")
        let flow = Backward.spare() ?? Backward()
        noGrad { flow.run(from: node, gradient: gradient, keepingGraph: keepingGraph) }
        return flow
    }
}

extension Tensor {
    /// Makes this tensor the result of an operation of your own: `gradients` turns the gradient of the result into those of
    /// the inputs, in their order; `nil` where none flows. It runs without recording, and only if some input needs a gradient.
    ///
    /// ```swift
    /// func cube(_ x: Tensor) -> Tensor {
    ///     noGrad { x * x * x }.recorded(from: [x]) { gradient in [gradient * 3 * x * x] }
    /// }
    /// ```
    /// - Precondition: The tensor is not in a graph yet, and each gradient has its input's shape.
    public final func recorded(from inputs: [Tensor], gradients: @escaping (_ gradient: Tensor) -> [Tensor?]) -> Tensor {
        require(node == nil, "recorded: this tensor is in a graph already. Compute it inside noGrad.")
        let kept = (gradients: gradients, nodes: inputs.map(\.node), shapes: inputs.map(\.shape))
        return recorded(from: inputs, keeping: kept) { kept, gradient, flow in
            let shares = kept.gradients(gradient)
            require(shares.count == kept.nodes.count, "recorded: \(shares.count) gradients for \(kept.nodes.count) inputs")
            for (share, (node, shape)) in zip(shares, zip(kept.nodes, kept.shapes)) {
                guard let share else { continue }
                require(share.shape == shape, "recorded: gradient of shape \(share.shape) for an input of shape \(shape)")
                flow.add(share, to: node)
            }
        }
    }
}

/// A tensor that a model trains: it requires a gradient from the start, and modules find it among their properties.
public final class Parameter: Tensor {
    /// Makes a parameter with a copy of the tensor's elements.
    public convenience init(_ initial: Tensor) {
        self.init(uninitialized: initial.shape)
        initial.copyElements(to: pointer, strides: strides)
        requiresGrad = true
    }

    /// Makes a scalar parameter.
    public convenience init(_ value: Float) { self.init(Tensor(value)) }
}

/// A tensor that belongs to a module's state but is not trained, such as the running mean of batch norm.
public final class Buffer: Tensor {
    /// Makes a buffer with a copy of the tensor's elements.
    public convenience init(_ initial: Tensor) {
        self.init(uninitialized: initial.shape)
        initial.copyElements(to: pointer, strides: strides)
    }
}
