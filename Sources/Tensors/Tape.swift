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
    /// The operation's record; `nil` for a leaf, and once used up.
    private var record: StoredRecord?
    /// Where records lie, one after the other; `nil` for a leaf.
    private let room: UnsafeMutableRawPointer?
    /// The tensor that collects the gradient; it clears this when it goes. (A weak reference would make every count of
    /// references to a parameter slow.)
    unowned(unsafe) var leaf: Tensor?

    private init() { room = StoredRecord.makeRoom() }

    init(leaf: Tensor) {
        self.leaf = leaf
        room = nil
    }

    var isLeaf: Bool { room == nil }
    var isUsedUp: Bool { record == nil }

    /// An operation's node.
    @inline(__always)
    static func take<Kept>(_ record: Record<Kept>) -> Node {
        let node = spare() ?? Node()
        node.index = ck_next_node()
        node.record = StoredRecord(record, in: node.room!)
        return node
    }

    /// Hands `gradient` on to the operation's inputs, and lets go of what it kept unless it is to run again.
    func run(_ gradient: Tensor, _ flow: Backward, keeping: Bool) {
        guard let record else {
            fatalError("backward: this part of the graph was used up by an earlier backward(). "
                       + "Call that one as backward(keepingGraph: true), or compute the loss again.")
        }
        if !keeping { self.record = nil }
        record.run(gradient, flow, keeping: keeping)
    }

    /// Waits to be taken again, if backward has used it up. Whoever calls this has the only reference.
    func retire() {
        if isLeaf || !isUsedUp { return }
        gradient = nil
        wait()
    }

    /// A graph that is dropped unused is taken apart in a loop: a chain of releases would need stack for each operation.
    deinit {
        guard let record else { room?.deallocate(); return }
        if let current = ck_get_thread_object() {
            Unmanaged<Leftovers>.fromOpaque(current).takeUnretainedValue().records.append(record)
            return
        }
        let leftovers = Leftovers()
        ck_set_thread_object(Unmanaged.passUnretained(leftovers).toOpaque())
        leftovers.records.append(record)
        while let next = leftovers.records.popLast() { next.discard() }
        ck_set_thread_object(nil)
    }
}

/// Records of dropped nodes that wait to be released.
private final class Leftovers {
    var records: [StoredRecord] = []
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
        let isOwn = Results.isOnlyReference(&gradient) && isKnownUniquelyReferenced(&gradient.stored)
        node.gradient = isOwn && gradient.isContiguous ? gradient : gradient.copied()
    }

    private func push(_ node: Node) {
        var child = pending.count
        pending.append(node)
        while child > 0 {
            let parent = (child - 1) / 2
            if pending[parent].index > pending[child].index { break }
            exchange(parent, child)
            child = parent
        }
    }

    private func exchange(_ a: Int, _ b: Int) {
        let node = pending[a]
        pending[a] = pending[b]
        pending[b] = node
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
            exchange(parent, child)
            parent = child
        }
        return first
    }

    func run(from node: Node, gradient: Tensor, keepingGraph: Bool) {
        receive(gradient, node)
        while var node = pop() {
            guard let gradient = node.gradient else { continue }
            node.gradient = nil
            node.run(gradient, self, keeping: keepingGraph)
            if isKnownUniquelyReferenced(&node) { node.retire() }
        }
    }
}

extension Tensor {
    /// Sum for accumulation; shapes are equal.
    fileprivate func adding(_ other: Tensor) -> Tensor { Tensor.combine(CK_ADD, self, other) }

    /// Records how gradients of this result reach the inputs, if somebody wants them.
    /// - Parameters:
    ///   - kept: What the gradient needs; taken only if it is wanted.
    ///   - step: Gets that and the gradient, and hands shares on. It captures nothing, so that recording makes no closure.
    @inline(__always)
    func recorded<Kept>(
        from a: Tensor, _ b: Tensor? = nil, _ c: Tensor? = nil, keeping kept: @autoclosure () -> Kept,
        _ step: @escaping (Kept, Tensor, Backward) -> Void
    ) -> Tensor {
        if (a.node != nil || b?.node != nil || c?.node != nil) && ck_is_recording() {
            node = .take(Record(kept: kept(), step: step))
        }
        return self
    }

    /// The same for any number of inputs.
    func recorded<Kept>(from inputs: [Tensor], keeping kept: Kept, _ step: @escaping (Kept, Tensor, Backward) -> Void) -> Tensor {
        if ck_is_recording() && inputs.contains(where: { $0.node != nil }) { node = .take(Record(kept: kept, step: step)) }
        return self
    }
}
