import CKernels

/// One recorded operation, or a leaf whose gradient is kept.
///
/// Nodes carry the order of their creation. All users of a result are younger than the operation that made it, so
/// going from the youngest to the oldest meets each node after all its gradients have arrived: no parent lists, no
/// counting pass. Source: Paszke et al., *Automatic differentiation in PyTorch* (2017), for the define-by-run idea.
final class Node: Reusable {
    static var kind: Int { Int(CK_SPARE_NODE) }

    private(set) var index = ck_next_node()
    /// What has arrived so far; for a leaf, what the user sees as `grad`.
    var gradient: Tensor?
    /// Hands gradients on to the inputs; `nil` for a leaf, and once used up.
    var step: ((Tensor, Backward) -> Void)?
    let isLeaf: Bool
    /// The tensor that collects the gradient; it clears this when it goes. (A weak reference would make every count of
    /// references to a parameter slow.)
    unowned(unsafe) var leaf: Tensor?

    private init(step: @escaping (Tensor, Backward) -> Void) {
        self.step = step
        isLeaf = false
    }

    init(leaf: Tensor) {
        self.leaf = leaf
        isLeaf = true
    }

    /// An operation's node.
    static func take(step: @escaping (Tensor, Backward) -> Void) -> Node {
        guard let node = spare() else { return Node(step: step) }
        node.index = ck_next_node()
        node.step = step
        return node
    }

    /// Waits to be taken again, if backward has used it up. Whoever calls this has the only reference.
    func retire() {
        if isLeaf || step != nil { return }
        gradient = nil
        wait()
    }

    /// A graph that is dropped unused is taken apart in a loop: a chain of releases would need stack for each operation.
    deinit {
        if step == nil { return }
        if let current = ck_get_thread_object() {
            Unmanaged<Leftovers>.fromOpaque(current).takeUnretainedValue().steps.append(step!)
            return
        }
        let leftovers = Leftovers()
        ck_set_thread_object(Unmanaged.passUnretained(leftovers).toOpaque())
        leftovers.steps.append(step!)
        step = nil
        while !leftovers.steps.isEmpty { leftovers.steps.removeLast() }
        ck_set_thread_object(nil)
    }
}

/// Steps of dropped nodes that wait to be released.
private final class Leftovers {
    var steps: [(Tensor, Backward) -> Void] = []
}

/// One run from a loss back to its leaves.
final class Backward: Reusable {
    static var kind: Int { Int(CK_SPARE_BACKWARD) }

    /// Nodes whose gradient has begun to arrive: a heap, youngest first.
    private var pending: [Node] = []
    private(set) var leaves: [Node] = []

    /// Adds a gradient to what `tensor` has received. The gradient is computed only if somebody wants it, so frozen
    /// parts of a model cost nothing.
    @inline(__always)
    func add(_ gradient: @autoclosure () -> Tensor, to node: Node?) {
        guard let node else { return }
        receive(gradient(), node)
    }

    /// Adds a gradient that nobody else has, and takes it out of the variable: a leaf may keep it as it is.
    @inline(__always)
    func give(_ gradient: inout Tensor?, to node: Node?) {
        if let given = gradient.take(), let node { receive(given, node) }
    }

    /// Waits to be used for another run.
    func retire() {
        leaves.removeAll(keepingCapacity: true)
        wait()
    }

    private func receive(_ gradient: consuming Tensor, _ node: Node) {
        if node.isLeaf { return receiveLeaf(gradient, node) }
        if let old = node.gradient {
            node.gradient = old.adding(gradient)
        } else {
            node.gradient = gradient
            push(node)
        }
    }

    /// A leaf's gradient outlives this run and may be changed in place, so it shares elements with nothing else.
    private func receiveLeaf(_ gradient: consuming Tensor, _ node: Node) {
        leaves.append(node)
        if let old = node.gradient {
            node.gradient = old.adding(gradient)
            return
        }
        var gradient: Tensor = gradient
        let isOwn = isKnownUniquelyReferenced(&gradient) && isKnownUniquelyReferenced(&gradient.storage)
        node.gradient = isOwn && gradient.isContiguous ? gradient : gradient.copied()
    }

    private func push(_ node: Node) {
        var child = pending.count
        pending.append(node)
        while child > 0 {
            let parent = (child - 1) / 2
            if pending[parent].index > pending[child].index { break }
            pending.swapAt(parent, child)
            child = parent
        }
    }

    private func pop() -> Node? {
        guard let last = pending.popLast() else { return nil }
        guard let first = pending.first else { return last }
        pending[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < pending.count else { break }
            let right = left + 1
            let child = right < pending.count && pending[right].index > pending[left].index ? right : left
            if pending[parent].index > pending[child].index { break }
            pending.swapAt(parent, child)
            parent = child
        }
        return first
    }

    func run(from node: Node, gradient: Tensor, keepingGraph: Bool) {
        receive(gradient, node)
        while var node = pop() {
            guard let gradient = node.gradient else { continue }
            guard let step = node.step else {
                fatalError("backward: this part of the graph was used up by an earlier backward(). "
                           + "Call that one as backward(keepingGraph: true), or compute the loss again.")
            }
            node.gradient = nil
            if !keepingGraph { node.step = nil }
            step(gradient, self)
            if isKnownUniquelyReferenced(&node) { node.retire() }
        }
    }
}

extension Tensor {
    /// Sum for accumulation; shapes are equal.
    fileprivate func adding(_ other: Tensor) -> Tensor { Tensor.combine(CK_ADD, self, other) }

    /// Whether results of operations on this tensor are recorded now. Asked before a closure is made: making one takes memory.
    final var isRecorded: Bool { node != nil && ck_is_recording() }

    /// Records how gradients of this result reach its inputs. `step` gets the gradient and hands shares on.
    @inline(__always)
    func recorded(from a: Tensor, _ step: @escaping (Tensor, Backward) -> Void) -> Tensor {
        if a.node != nil && ck_is_recording() { node = .take(step: step) }
        return self
    }

    @inline(__always)
    func recorded(from a: Tensor, _ b: Tensor?, _ c: Tensor? = nil, _ step: @escaping (Tensor, Backward) -> Void) -> Tensor {
        if (a.node != nil || b?.node != nil || c?.node != nil) && ck_is_recording() { node = .take(step: step) }
        return self
    }

    func recorded(from inputs: [Tensor], _ step: @escaping (Tensor, Backward) -> Void) -> Tensor {
        if ck_is_recording() && inputs.contains(where: { $0.node != nil }) { node = .take(step: step) }
        return self
    }
}
