public import Tensors

/// A part of a model: it has parameters, may have other modules inside, and turns one tensor into another.
///
/// Subclass it, store parameters and modules in properties, and override ``forward(_:)``. Nothing needs to be listed:
/// properties that hold a `Parameter`, a `Buffer`, a `Module`, or arrays, dictionaries and optionals of these are found
/// in the order of their declaration. Names join property names and array places with dots, `layers.0.weight`, and are
/// written in snake case, as PyTorch's files have them: `runningMean` is `running_mean`.
///
/// ```swift
/// final class Classifier: Module {
///     let hidden = Linear(784, 128), output = Linear(128, 10)
///     override func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
/// }
/// ```
open class Module {
    /// Whether the module is being trained: batch norm and dropout behave differently. See ``train(_:)``.
    public private(set) final var isTraining = true
    final var hooks: [ForwardHook] = []

    /// Makes a module in training mode.
    public init() {}

    /// Computes the output. Call the module itself, `module(x)`, so that hooks run too.
    open func forward(_ x: Tensor) -> Tensor {
        fatalError("\(type(of: self)) does not override forward(_:)")
    }

    /// Computes the output and runs the forward hooks.
    public final func callAsFunction(_ x: Tensor) -> Tensor {
        let output = forward(x)
        if !hooks.isEmpty { runHooks(input: x, output: output) }
        return output
    }

    /// A name to leave out of the paths of what it holds: `Sequential` gives its layers plain numbers.
    open var transparentProperty: String? { nil }

    /// Sets training (`true`) or evaluation (`false`) for this module and all inside.
    @discardableResult
    public final func train(_ mode: Bool = true) -> Self {
        for module in modules() { module.isTraining = mode }
        return self
    }

    /// Runs `body` in evaluation, then puts every part back into the mode that it was in: a part in evaluation stays so.
    package final func inEvaluation<Result>(_ body: () throws -> Result) rethrows -> Result {
        let modes = modules().map { ($0, $0.isTraining) }
        for (module, _) in modes { module.isTraining = false }
        defer { for (module, mode) in modes { module.isTraining = mode } }
        return try body()
    }

    /// The same as `train(false)`: batch norm uses its running statistics, dropout passes everything.
    @discardableResult
    public final func eval() -> Self { train(false) }

    /// Forgets all parameters' gradients.
    public final func zeroGrad() { for parameter in parameters() { parameter.zeroGrad() } }

    /// Freezes all parameters (`false`), or trains them (`true`). Frozen ones get no gradient, and backward leaves out
    /// whatever only leads to them.
    ///
    /// Running statistics of batch norm still change in training mode; call ``eval()`` on frozen parts to keep them.
    @discardableResult
    public final func requiresGrad(_ requires: Bool) -> Self {
        for parameter in parameters() { parameter.requiresGrad = requires }
        return self
    }
}

/// What a module runs after its output is computed.
struct ForwardHook {
    let id: Int
    let body: (Module, _ input: Tensor, _ output: Tensor) -> Void
}

/// A hook's place in its module; ``remove()`` takes it out.
public final class HookHandle {
    private weak var module: Module?
    private let id: Int

    init(_ module: Module, id: Int) { (self.module, self.id) = (module, id) }

    /// Takes the hook out. Does nothing the second time.
    public func remove() { module?.hooks.removeAll { $0.id == id } }
}

extension Module {
    /// Calls `body` after each forward pass of this module, with the module, its input and its output.
    /// - Returns: A handle to remove the hook with. A module without hooks pays nothing.
    @discardableResult
    public final func addForwardHook(_ body: @escaping (Module, _ input: Tensor, _ output: Tensor) -> Void) -> HookHandle {
        let id = (hooks.map(\.id).max() ?? 0) + 1
        hooks.append(ForwardHook(id: id, body: body))
        return HookHandle(self, id: id)
    }

    func runHooks(input: Tensor, output: Tensor) {
        for hook in hooks { hook.body(self, input, output) }
    }
}
