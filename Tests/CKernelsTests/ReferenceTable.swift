import CKernels
import Foundation

/// The kernels' function table in plain Swift: one loop each, sums in double precision, no vectors and no tricks.
///
/// It is what the fast tables are compared with, and, because it fills the same table, the drivers can run on it too.
enum Reference {
    typealias Floats = UnsafePointer<Float>
    typealias Results = UnsafeMutablePointer<Float>

    static func map(_ op: Int, _ x: Double, _ p: Double, _ q: Double) -> Double {
        switch op {
        case CK_NEG: -x
        case CK_EXP: exp(x)
        case CK_LOG: log(x)
        case CK_SQRT: x.squareRoot()
        case CK_ABS: abs(x)
        case CK_TANH: tanh(x)
        case CK_SIGMOID: 1 / (1 + exp(-x))
        case CK_RELU: x < 0 ? 0 : x
        case CK_GELU: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case CK_GELU_TANH: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case CK_RECIPROCAL: 1 / x
        case CK_SQUARE: x * x
        case CK_POW: pow(x, p)
        case CK_AFFINE: x * p + q
        case CK_CLAMP: x < p ? p : x > q ? q : x
        case CK_SIGN: x > 0 ? 1 : x < 0 ? -1 : 0
        case CK_SOFTPLUS: max(x, 0) + log1p(exp(-abs(x)))
        case CK_SIN: sin(x)
        case CK_COS: cos(x)
        case CK_LEAKY_RELU: x < 0 ? x * p : x
        default: fatalError("operation \(op)")
        }
    }

    static func slope(_ op: Int, _ x: Double, _ y: Double, _ p: Double, _ q: Double) -> Double {
        switch op {
        case CK_NEG: -1
        case CK_EXP: y
        case CK_LOG: 1 / x
        case CK_SQRT: 0.5 / y
        case CK_ABS: x > 0 ? 1 : x < 0 ? -1 : 0
        case CK_TANH: 1 - y * y
        case CK_SIGMOID: y * (1 - y)
        case CK_RELU: y > 0 ? 1 : 0
        case CK_GELU: 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
        case CK_GELU_TANH: tanhGeluSlope(x)
        case CK_RECIPROCAL: -y * y
        case CK_SQUARE: 2 * x
        case CK_POW: p * pow(x, p - 1)
        case CK_AFFINE: p
        case CK_CLAMP: x >= p && x <= q ? 1 : 0
        case CK_SIGN: 0
        case CK_SOFTPLUS: 1 / (1 + exp(-x))
        case CK_SIN: cos(x)
        case CK_COS: -sin(x)
        case CK_LEAKY_RELU: x < 0 ? p : 1
        default: fatalError("operation \(op)")
        }
    }

    private static func tanhGeluSlope(_ x: Double) -> Double {
        let a = (2 / Double.pi).squareRoot(), t = tanh(a * (x + 0.044715 * x * x * x))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * a * (1 + 3 * 0.044715 * x * x)
    }

    static func combine(_ op: Int, _ a: Float, _ b: Float) -> Float {
        switch op {
        case CK_ADD: a + b
        case CK_SUB: a - b
        case CK_MUL: a * b
        case CK_DIV: a / b
        case CK_POWER: powf(a, b)
        case CK_MAX: a.isNaN || a > b ? a : b
        case CK_MIN: a.isNaN || a < b ? a : b
        case CK_EQUAL: a == b ? 1 : 0
        case CK_LESS: a < b ? 1 : 0
        case CK_LESS_EQUAL: a <= b ? 1 : 0
        default: fatalError("operation \(op)")
        }
    }

    static func sum(_ n: Int64, _ term: (Int) -> Double) -> Double { (0..<Int(n)).reduce(0) { $0 + term($1) } }

    static func finish(_ value: Double, _ bias: Floats?, _ column: Int, _ relu: Bool) -> Float {
        let result = Float(value) + (bias?[column] ?? 0)
        return relu && result < 0 ? 0 : result
    }
}

/// The reference in the kernels' own table.
let referenceTable: ck_table = {
    var t = ck_table()
    t.panel = 8
    t.tile_rows = 4
    fillProducts(&t)
    fillElementwise(&t)
    fillRows(&t)
    fillNorms(&t)
    fillUpdates(&t)
    return t
}()

private func fillProducts(_ t: inout ck_table) {
    t.row_panel = { t, rows, a, out in
        let t = t!.pointee
        for r in 0..<Int(rows) {
            for c in 0..<Int(t.columns) {
                var sum = 0.0, k = 0
                for s in 0..<Int(t.segments) {
                    for l in 0..<Int(t.length) {
                        sum += Double(a![r]![Int(t.offsets[s]) + l]) * Double(t.b[k * Int(t.b_step) + c])
                        k += 1
                    }
                }
                if t.accumulate { sum += Double(out![r]![c]) }
                out![r]![c] = Reference.finish(sum, t.bias, c, t.relu)
            }
        }
    }
    t.outer_panel = { t, rows, a, out in
        let t = t!.pointee
        for r in 0..<Int(rows) {
            for column in 0..<Int(t.columns) {
                var sum = t.accumulate ? Double(out![r * Int(t.c_step) + column]) : 0
                for block in 0..<Int(t.blocks) {
                    for line in 0..<Int(t.lines) {
                        for place in 0..<Int(t.length) {
                            let x = a![block * Int(t.a_block) + line * Int(t.a_line) + place * Int(t.a_step) + r]
                            sum += Double(x) * Double(t.b[block * Int(t.b_block) + line * Int(t.b_line) + place * Int(t.b_step) + column])
                        }
                    }
                }
                out![r * Int(t.c_step) + column] = Float(sum)
            }
        }
    }
    t.dots = { t in
        let t = t!.pointee
        for i in 0..<Int(t.rows) {
            for j in 0..<Int(t.columns) {
                var sum = Reference.sum(t.n) { Double(t.a[i * Int(t.a_step) + $0]) * Double(t.b[j * Int(t.b_step) + $0]) }
                if t.accumulate { sum += Double(t.c[i * Int(t.c_step) + j]) }
                t.c[i * Int(t.c_step) + j] = Reference.finish(sum, t.bias, j, t.relu)
            }
        }
    }
    t.row_times_matrix = { n, k, a, b, step, c in
        for column in 0..<Int(n) { c![column] = Float(Reference.sum(k) { Double(a![$0]) * Double(b![$0 * Int(step) + column]) }) }
    }
    t.transpose = { rows, columns, from, fromStep, to, toStep in
        for r in 0..<Int(rows) { for c in 0..<Int(columns) { to![c * Int(toStep) + r] = from![r * Int(fromStep) + c] } }
    }
}

private func fillElementwise(_ t: inout ck_table) {
    t.map = { op, n, x, y, p, q in
        for i in 0..<Int(n) { y![i] = Float(Reference.map(Int(op), Double(x![i]), Double(p), Double(q))) }
    }
    t.map_gradient = { op, n, x, y, g, dx, p, q in
        for i in 0..<Int(n) { dx![i] = Float(Double(g![i]) * Reference.slope(Int(op), Double(x![i]), Double(y![i]), Double(p), Double(q))) }
    }
    t.zip = { op, n, a, sa, b, sb, y in
        for i in 0..<Int(n) { y![i] = Reference.combine(Int(op), a![i * Int(sa)], b![i * Int(sb)]) }
    }
    t.select = { n, condition, a, b, y in for i in 0..<Int(n) { y![i] = condition![i] != 0 ? a![i] : b![i] } }
    t.add_into = { n, x, y in for i in 0..<Int(n) { y![i] += x![i] } }
    t.dropout = { n, seed, counter, first, p, x, y in
        let key = ck_random_bits(seed, counter), low = UInt32(truncatingIfNeeded: key), high = UInt32(key >> 32)
        let threshold = UInt32(Double(p) * 4_294_967_295)
        for i in 0..<Int(n) {
            var bits = UInt32(truncatingIfNeeded: Int(first) + i) &* 0x9E37_79B1 ^ low
            bits ^= bits >> 16
            bits = bits &* 0x85EB_CA6B
            bits ^= bits >> 13
            bits = (bits &+ high) &* 0xC2B2_AE35
            bits ^= bits >> 16
            y![i] = bits >= threshold ? x![i] * (1 / (1 - p)) : 0
        }
    }
}

private func fillRows(_ t: inout ck_table) {
    func reduce(_ op: Int32, _ n: Int, _ x: (Int) -> Float) -> Float {
        let values = (0..<n).map(x)
        switch Int(op) {
        case CK_SUM: return Float(values.reduce(0.0) { $0 + Double($1) })
        case CK_REDUCE_MAX: return values.max()!
        case CK_REDUCE_MIN: return values.min()!
        case CK_ARGMAX: return Float(values.indices.first { values[$0] == values.max()! }!)
        default: return Float(values.indices.first { values[$0] == values.min()! }!)
        }
    }
    t.reduce_row = { op, n, x in reduce(op, Int(n)) { x![$0] } }
    t.reduce_columns = { op, n, inner, x, y in
        for c in 0..<Int(inner) { y![c] = reduce(op, Int(n)) { x![$0 * Int(inner) + c] } }
    }
    t.sum_of_squares = { n, x in Reference.sum(n) { Double(x![$0]) * Double(x![$0]) } }
    t.softmax = { n, x, y, logarithm in
        let top = (0..<Int(n)).map { Double(x![$0]) }.max()!
        let total = Reference.sum(n) { exp(Double(x![$0]) - top) }
        for i in 0..<Int(n) {
            let shifted = Double(x![i]) - top
            y![i] = Float(logarithm ? shifted - log(total) : exp(shifted) / total)
        }
    }
    t.softmax_gradient = { n, y, g, dx, logarithm in
        let total = Reference.sum(n) { Double(g![$0]) * (logarithm ? 1 : Double(y![$0])) }
        for i in 0..<Int(n) {
            let (s, d) = (Double(y![i]), Double(g![i]))
            dx![i] = Float(logarithm ? d - exp(s) * total : s * (d - total))
        }
    }
}

private func fillNorms(_ t: inout ck_table) {
    t.moments = { rows, channels, x, mean, deviations in
        for c in 0..<Int(channels) {
            let m = Reference.sum(rows) { Double(x![$0 * Int(channels) + c]) } / Double(rows)
            mean![c] = Float(m)
            deviations![c] = Float(Reference.sum(rows) { (Double(x![$0 * Int(channels) + c]) - m) * (Double(x![$0 * Int(channels) + c]) - m) })
        }
    }
    t.normalize = { rows, channels, x, scale, shift, y in
        for i in 0..<Int(rows * channels) { y![i] = x![i] * scale![i % Int(channels)] + shift![i % Int(channels)] }
    }
    t.batch_norm_sums = { rows, channels, x, g, mean, inverse, sums, products in
        for i in 0..<Int(rows * channels) {
            let c = i % Int(channels)
            sums![c] += g![i]
            products![c] += g![i] * (x![i] - mean![c]) * inverse![c]
        }
    }
    t.batch_norm_gradient = { rows, channels, x, g, scale, slope, shift, dx in
        for i in 0..<Int(rows * channels) {
            let c = i % Int(channels)
            dx![i] = g![i] * scale![c] + x![i] * slope![c] + shift![c]
        }
    }
    t.layer_norm = { n, epsilon, x, weight, bias, y, mean, inverse in
        let m = Reference.sum(n) { Double(x![$0]) } / Double(n)
        let s = 1 / (Reference.sum(n) { (Double(x![$0]) - m) * (Double(x![$0]) - m) } / Double(n) + Double(epsilon)).squareRoot()
        (mean!.pointee, inverse!.pointee) = (Float(m), Float(s))
        for i in 0..<Int(n) { y![i] = Float((Double(x![i]) - m) * s * Double(weight?[i] ?? 1) + Double(bias?[i] ?? 0)) }
    }
    t.layer_norm_gradient = { n, x, mean, inverse, weight, g, dx, dweight, dbias in
        func d(_ i: Int) -> Double { Double(g![i]) * Double(weight?[i] ?? 1) }
        func normal(_ i: Int) -> Double { (Double(x![i]) - Double(mean)) * Double(inverse) }
        let first = Reference.sum(n, d) / Double(n), second = Reference.sum(n) { d($0) * normal($0) } / Double(n)
        for i in 0..<Int(n) {
            dx?[i] = Float(Double(inverse) * (d(i) - first - normal(i) * second))
            dweight?[i] += g![i] * Float(normal(i))
            dbias?[i] += g![i]
        }
    }
}

private func fillUpdates(_ t: inout ck_table) {
    t.sgd = { s, n, g, velocity, p in
        let s = s!.pointee
        for i in 0..<Int(n) {
            let d = g![i] + s.weight_decay * p![i]
            guard let velocity else { p![i] -= s.learning_rate * d; continue }
            velocity[i] = s.first ? d : s.momentum * velocity[i] + (1 - s.dampening) * d
            p![i] -= s.learning_rate * (s.nesterov ? d + s.momentum * velocity[i] : velocity[i])
        }
    }
    t.adam = { s, n, g, m, v, p in
        let s = s!.pointee
        for i in 0..<Int(n) {
            let shrink = s.decoupled ? 1 - s.learning_rate * s.weight_decay : 1
            let d = g![i] + (s.decoupled ? 0 : s.weight_decay) * p![i]
            m![i] = s.beta1 * m![i] + (1 - s.beta1) * d
            v![i] = s.beta2 * v![i] + (1 - s.beta2) * d * d
            p![i] = shrink * p![i] - s.learning_rate / s.correction1 * m![i] / ((v![i] / s.correction2).squareRoot() + s.epsilon)
        }
    }
    t.spread = { n, x, spread in
        let finite = (0..<Int(n)).map { Double(x![$0]) }.filter(\.isFinite)
        spread!.pointee = ck_spread(
            low: finite.min() ?? .infinity, high: finite.max() ?? -.infinity, sum: finite.reduce(0, +),
            nan: Int64((0..<Int(n)).count { x![$0].isNaN }))
    }
    t.bins = { n, x, first, width, last, place in
        for i in 0..<Int(n) {
            let at = (Double(x![i]) - first) / width
            place![i] = at.isNaN ? 0 : Int32(min(max(at, 0), Double(last)))
        }
    }
}
