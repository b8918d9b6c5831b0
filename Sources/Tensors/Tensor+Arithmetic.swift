import CKernels

// Each operation stands beside its gradient. Shapes broadcast as in NumPy: sizes are compared from the innermost
// dimension; missing outer dimensions and sizes of 1 repeat.

extension Tensor {
    /// Applies a kernel of two operands with broadcasting, outside the graph.
    static func combine(_ operation: Int, _ a: Tensor, _ b: Tensor) -> Tensor {
        if a.shape == b.shape && Tensor.sameOrder(a.strides, b.strides, shape: a.shape) && a.isDense {
            let result = Tensor.uninitialized(like: a)
            var (count, one) = (Int64(a.count), Int64(1))
            ck_zip(Int32(operation), 1, &count, a.pointer, &one, b.pointer, &one, result.pointer)
            return result
        }
        guard let shape = Shape.broadcast(a.shape, b.shape) else {
            fatalError("shapes \(a.shape) and \(b.shape) do not broadcast: from the right, sizes must be equal or 1. "
                       + "Use reshape or unsqueeze to line them up.")
        }
        return combineStrided(Int32(operation), a, b, shape)
    }

    /// Walks in the order of the larger operand's elements, so that channels-last images stay so.
    private static func combineStrided(_ operation: Int32, _ a: Tensor, _ b: Tensor, _ shape: Shape) -> Tensor {
        let (stepsA, stepsB) = (a.broadcastStrides(to: shape), b.broadcastStrides(to: shape))
        let larger = a.shape == shape ? a : b
        let keepsOrder = larger.shape == shape && larger.isChannelsLast && !larger.isContiguous
        let result = keepsOrder ? Tensor.uninitializedChannelsLast(shape) : Tensor.uninitialized(shape)
        if result.count == 0 { return result }
        func ordered(_ values: Shape) -> Shape { keepsOrder ? values.ordered(.channelsLastOrder) : values }
        ordered(shape).withSizes { sizes in
            ordered(stepsA).withSizes { sa in
                ordered(stepsB).withSizes { sb in
                    ck_zip(operation, Int32(shape.count), sizes, a.pointer, sa, b.pointer, sb, result.pointer)
                }
            }
        }
        return result
    }

    /// The sum, element by element.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        combine(CK_ADD, a, b).recorded(from: a, b, keeping: (a: a.node, b: b.node, shapeA: a.shape, shapeB: b.shape)) { kept, gradient, flow in
            flow.add(gradient.summed(to: kept.shapeA), to: kept.a)
            flow.add(gradient.summed(to: kept.shapeB), to: kept.b)
        }
    }

    /// The difference, element by element.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        combine(CK_SUB, a, b).recorded(from: a, b, keeping: (a: a.node, b: b.node, shapeA: a.shape, shapeB: b.shape)) { kept, gradient, flow in
            flow.add(gradient.summed(to: kept.shapeA), to: kept.a)
            flow.add((-gradient).summed(to: kept.shapeB), to: kept.b)
        }
    }

    /// The product, element by element.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        combine(CK_MUL, a, b).recorded(from: a, b, keeping: (a, b)) { inputs, gradient, flow in
            let (a, b) = inputs
            flow.add((gradient * b).summed(to: a.shape), to: a.node)
            flow.add((gradient * a).summed(to: b.shape), to: b.node)
        }
    }

    /// The quotient, element by element.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        combine(CK_DIV, a, b).recorded(from: a, b, keeping: (a, b)) { inputs, gradient, flow in
            let (a, b) = inputs
            flow.add((gradient / b).summed(to: a.shape), to: a.node)
            flow.add((-(gradient * a) / (b * b)).summed(to: b.shape), to: b.node)
        }
    }

    /// `self` to the power of `exponent`, element by element.
    public final func pow(_ exponent: Tensor) -> Tensor {
        let result = Tensor.combine(CK_POWER, self, exponent)
        return result.recorded(from: self, exponent, keeping: (self, exponent, result.detach())) { kept, gradient, flow in
            let (base, exponent, value) = kept
            flow.add((gradient * exponent * base.pow(exponent - 1)).summed(to: base.shape), to: base.node)
            flow.add((gradient * value * base.log()).summed(to: exponent.shape), to: exponent.node)
        }
    }

    /// The larger of two elements; where they are equal the gradient is halved between both.
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { extremum(CK_MAX, a, b) }
    /// The smaller of two elements; where they are equal the gradient is halved between both.
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { extremum(CK_MIN, a, b) }

    private static func extremum(_ operation: Int, _ a: Tensor, _ b: Tensor) -> Tensor {
        let result = combine(operation, a, b)
        return result.recorded(from: a, b, keeping: (a, b, result.detach())) { kept, gradient, flow in
            let (a, b, value) = kept
            let (isA, isB) = (a.equals(value), b.equals(value))
            let share = gradient / (isA + isB)
            flow.add((share * isA).summed(to: a.shape), to: a.node)
            flow.add((share * isB).summed(to: b.shape), to: b.node)
        }
    }

    /// The sum of each element and a number.
    public static func + (a: Tensor, b: Float) -> Tensor { a.affine(1, b) }
    /// The difference of each element and a number.
    public static func - (a: Tensor, b: Float) -> Tensor { a.affine(1, -b) }
    /// The product of each element and a number.
    public static func * (a: Tensor, b: Float) -> Tensor { a.affine(b, 0) }
    /// The quotient of each element and a number.
    public static func / (a: Tensor, b: Float) -> Tensor { a / scalar(b) }
    /// The sum of a number and each element.
    public static func + (a: Float, b: Tensor) -> Tensor { b.affine(1, a) }
    /// The difference of a number and each element.
    public static func - (a: Float, b: Tensor) -> Tensor { b.affine(-1, a) }
    /// The product of a number and each element.
    public static func * (a: Float, b: Tensor) -> Tensor { b.affine(a, 0) }
    /// The quotient of a number and each element.
    public static func / (a: Float, b: Tensor) -> Tensor { scalar(a) / b }
    /// Each element with the other sign.
    public static prefix func - (a: Tensor) -> Tensor { a.map(CK_NEG) }

    /// Replaces the variable's tensor by the sum; the old tensor stays as it is.
    public static func += (a: inout Tensor, b: Tensor) { a = a + b }
    /// Replaces the variable's tensor by the difference; the old tensor stays as it is.
    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    /// Replaces the variable's tensor by the product; the old tensor stays as it is.
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
    /// Replaces the variable's tensor by the quotient; the old tensor stays as it is.
    public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

    /// 1 where the elements are equal, else 0. No gradient passes.
    public final func equals(_ other: Tensor) -> Tensor { Tensor.combine(CK_EQUAL, self, other) }
    /// 1 where this element is less, else 0. No gradient passes.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { combine(CK_LESS, a, b) }
    /// 1 where this element is less or equal, else 0. No gradient passes.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { combine(CK_LESS_EQUAL, a, b) }
    /// 1 where this element is greater, else 0. No gradient passes.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { combine(CK_LESS, b, a) }
    /// 1 where this element is greater or equal, else 0. No gradient passes.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { combine(CK_LESS_EQUAL, b, a) }

    /// Elements of `a` where `condition` is not 0, else of `b`. Shapes broadcast.
    public static func choose(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        guard let pair = Shape.broadcast(a.shape, b.shape), let shape = Shape.broadcast(pair, condition.shape) else {
            fatalError("choose: shapes \(condition.shape), \(a.shape) and \(b.shape) do not broadcast")
        }
        func filled(_ tensor: Tensor) -> Tensor { tensor.detach().expand(shape).contiguousElements() }
        let (mask, result) = (filled(condition), Tensor.uninitialized(shape))
        let (first, second) = (filled(a), filled(b))
        ck_select(Int64(result.count), mask.pointer, first.pointer, second.pointer, result.pointer)
        return result.recorded(from: a, b, keeping: (mask: mask, a: a.node, b: b.node, shapeA: a.shape, shapeB: b.shape)) { kept, gradient, flow in
            let zero = Tensor.scalar(0)
            flow.add(Tensor.choose(kept.mask, gradient, zero).summed(to: kept.shapeA), to: kept.a)
            flow.add(Tensor.choose(kept.mask, zero, gradient).summed(to: kept.shapeB), to: kept.b)
        }
    }

    /// `value` where `mask` is not 0, else this tensor's elements; gradients pass only there.
    public final func masked(where mask: Tensor, with value: Float) -> Tensor { Tensor.choose(mask, .scalar(value), self) }
}
