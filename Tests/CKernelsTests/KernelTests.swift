import CKernels
import Testing

/// Numbers that are the same in every run, with room for vectors past the end.
final class Numbers {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(_ count: Int, seed: UInt64 = 1, scale: Float = 1) {
        self.count = count
        start = .allocate(capacity: count + 64)
        for i in 0..<count + 64 {
            start[i] = scale * (Float(ck_random_bits(seed, UInt64(i)) >> 40) / Float(1 << 23) - 1)
        }
    }

    deinit { start.deallocate() }
    var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
    func absolute(plus: Float) -> Numbers {
        for i in 0..<count { start[i] = abs(start[i]) + plus }
        return self
    }
}

/// The largest difference, relative to the size of the numbers.
func difference(_ a: [Float], _ b: [Float]) -> Float {
    let scale = max(1, b.map { abs($0) }.max() ?? 1)
    return zip(a, b).map { abs($0 - $1) }.max().map { $0 / scale } ?? 0
}

let availablePaths = [CK_PATH_128, CK_PATH_AVX2, CK_PATH_AVX512].filter { ck_path_available(Int32($0)) }

@Suite("Every instruction set meets the plain reference") struct KernelTests {
    static let lengths = [1, 3, 4, 7, 16, 31, 64, 129, 1000]

    func onPaths(_ body: (ck_table, _ name: String) -> Void) {
        for path in availablePaths { body(ck_table_for(Int32(path)).pointee, ["128", "AVX2", "AVX-512"][path]) }
    }

    @Test("this processor has at least one path, and paths it lacks are refused") func paths() {
        #expect(availablePaths.contains(CK_PATH_128) && !ck_path_available(99) && !ck_set_path(99))
        for path in [CK_PATH_128, CK_PATH_AVX2, CK_PATH_AVX512] where !availablePaths.contains(path) {
            #expect(ck_table_for(Int32(path)) == nil)
        }
    }

    @Test("elementwise functions and slopes", arguments: Array(CK_NEG...CK_LEAKY_RELU)) func map(_ op: Int) {
        for n in Self.lengths {
            let positive = [CK_LOG, CK_SQRT, CK_POW, CK_RECIPROCAL].contains(op)
            let x = positive ? Numbers(n, scale: 4).absolute(plus: 0.1) : Numbers(n, scale: 4), g = Numbers(n, seed: 2)
            let (p, q): (Float, Float) = op == CK_CLAMP ? (-1, 1.5) : (1.7, 0.3)
            let expected = Numbers(n), slope = Numbers(n)
            referenceTable.map(Int32(op), Int64(n), x.start, expected.start, p, q)
            referenceTable.map_gradient(Int32(op), Int64(n), x.start, expected.start, g.start, slope.start, p, q)
            onPaths { table, name in
                let y = Numbers(n), dx = Numbers(n)
                table.map(Int32(op), Int64(n), x.start, y.start, p, q)
                table.map_gradient(Int32(op), Int64(n), x.start, expected.start, g.start, dx.start, p, q)
                #expect(difference(y.values, expected.values) < 2e-6, "\(name), operation \(op), \(n) numbers")
                #expect(difference(dx.values, slope.values) < 2e-6, "\(name), slope of \(op), \(n) numbers")
            }
        }
    }

    @Test("exponential, logarithm and hyperbolic tangent at their edges") func edges() {
        let cases: [(Int, Float, Float)] = [
            (CK_EXP, .infinity, .infinity), (CK_EXP, -.infinity, 0), (CK_EXP, 0, 1), (CK_EXP, 89, .infinity), (CK_EXP, -104, 0),
            (CK_EXP, -100, Float(bitPattern: 27)), (CK_EXP, 88.5, 2.723088e38), (CK_LOG, 0, -.infinity), (CK_LOG, .infinity, .infinity),
            (CK_LOG, 1, 0), (CK_LOG, Float(bitPattern: 71_362), -92.103404), (CK_TANH, .infinity, 1), (CK_TANH, -.infinity, -1), (CK_TANH, 1e-20, 1e-20),
            (CK_SIGMOID, -1000, 0), (CK_SIGMOID, 1000, 1), (CK_SOFTPLUS, -50, 1.9287499e-22), (CK_SOFTPLUS, 500, 500),
        ]
        onPaths { table, name in
            for (op, x, expected) in cases {
                let y = table.one(op, x)
                #expect(y == expected || abs(y - expected) <= 1e-4 * abs(expected), "\(name), operation \(op) of \(x) is \(y)")
            }
            for op in [CK_EXP, CK_LOG, CK_TANH, CK_SIGMOID, CK_GELU, CK_RELU, CK_SQRT] { #expect(table.one(op, .nan).isNaN, "\(name), \(op)") }
            #expect(table.one(CK_LOG, -1).isNaN)
        }
    }

    @Test("two operands, strides 0, 1 and more") func zip() {
        let a = Numbers(400).absolute(plus: 0.2), b = Numbers(400, seed: 2).absolute(plus: 0.2)
        for op in CK_ADD...CK_LESS_EQUAL {
            for (sa, sb) in [(1, 1), (1, 0), (0, 1), (3, 2), (0, 0)] {
                let expected = Numbers(100)
                referenceTable.zip(Int32(op), 100, a.start, Int64(sa), b.start, Int64(sb), expected.start)
                onPaths { table, name in
                    let y = Numbers(100)
                    table.zip(Int32(op), 100, a.start, Int64(sa), b.start, Int64(sb), y.start)
                    #expect(difference(y.values, expected.values) < 1e-6, "\(name), operation \(op), strides \(sa) and \(sb)")
                }
            }
        }
    }

    @Test("select, add and dropout, bit for bit") func exact() {
        for n in Self.lengths {
            let condition = Numbers(n), a = Numbers(n, seed: 2), b = Numbers(n, seed: 3)
            for i in 0..<n where condition.start[i] < 0 { condition.start[i] = 0 }
            func run(_ table: ck_table) -> [[Float]] {
                let y = Numbers(n), sum = Numbers(n, seed: 4), kept = Numbers(n)
                table.select(Int64(n), condition.start, a.start, b.start, y.start)
                table.add_into(Int64(n), a.start, sum.start)
                table.dropout(Int64(n), 7, 3, 1000, 0.3, a.start, kept.start)
                return [y.values, sum.values, kept.values]
            }
            onPaths { table, name in #expect(run(table) == run(referenceTable), "\(name), \(n) numbers") }
        }
    }

    @Test("reductions") func reductions() {
        for n in Self.lengths {
            let x = Numbers(n * 5)
            onPaths { table, name in
                for op in CK_SUM...CK_ARGMIN {
                    let one = table.reduce_row(Int32(op), Int64(n), x.start), wanted = referenceTable.reduce_row(Int32(op), Int64(n), x.start)
                    #expect(abs(one - wanted) <= 1e-5 * max(1, abs(wanted)), "\(name), \(op) of \(n)")
                    let columns = Numbers(5), expected = Numbers(5)
                    table.reduce_columns(Int32(op), Int64(n), 5, x.start, columns.start)
                    referenceTable.reduce_columns(Int32(op), Int64(n), 5, x.start, expected.start)
                    #expect(difference(columns.values, expected.values) < 1e-5, "\(name), \(op) of columns of \(n)")
                }
                #expect(abs(table.sum_of_squares(Int64(n), x.start) / referenceTable.sum_of_squares(Int64(n), x.start) - 1) < 1e-9)
            }
        }
    }

    @Test("softmax and its gradient") func softmax() {
        for n in Self.lengths {
            for logarithm in [false, true] {
                let x = Numbers(n, scale: 20), g = Numbers(n, seed: 2), expected = Numbers(n), slope = Numbers(n)
                referenceTable.softmax(Int64(n), x.start, expected.start, logarithm)
                referenceTable.softmax_gradient(Int64(n), expected.start, g.start, slope.start, logarithm)
                onPaths { table, name in
                    let y = Numbers(n), dx = Numbers(n)
                    table.softmax(Int64(n), x.start, y.start, logarithm)
                    table.softmax_gradient(Int64(n), expected.start, g.start, dx.start, logarithm)
                    #expect(difference(y.values, expected.values) < 2e-6 && difference(dx.values, slope.values) < 2e-5, "\(name), \(n)")
                }
            }
        }
    }

    @Test("norms and their gradients") func norms() {
        for (rows, channels) in [(2, 3), (9, 16), (33, 37), (100, 5)] {
            func run(_ t: ck_table) -> [[Float]] {
                let size = rows * channels, x = Numbers(size), g = Numbers(size, seed: 2), w = Numbers(channels, seed: 3), b = Numbers(channels, seed: 4)
                let mean = Numbers(channels), deviations = Numbers(channels), y = Numbers(size), dx = Numbers(size)
                let sums = Numbers(channels), products = Numbers(channels), m = Numbers(rows), inverse = Numbers(rows), line = Numbers(size)
                let dline = Numbers(size), dw = Numbers(channels), db = Numbers(channels)
                t.moments(Int64(rows), Int64(channels), x.start, mean.start, deviations.start)
                t.normalize(Int64(rows), Int64(channels), x.start, w.start, b.start, y.start)
                t.batch_norm_sums(Int64(rows), Int64(channels), x.start, g.start, w.start, b.start, sums.start, products.start)
                t.batch_norm_gradient(Int64(rows), Int64(channels), x.start, g.start, w.start, b.start, w.start, dx.start)
                for r in 0..<rows {
                    let at = r * channels
                    t.layer_norm(Int64(channels), 1e-5, x.start + at, w.start, r % 2 == 0 ? b.start : nil, line.start + at, m.start + r, inverse.start + r)
                    t.layer_norm_gradient(Int64(channels), x.start + at, m.start[r], inverse.start[r], r % 3 == 0 ? nil : w.start, g.start + at,
                                          dline.start + at, dw.start, db.start)
                }
                return [mean, deviations, y, dx, sums, products, m, inverse, line, dline, dw, db].map(\.values)
            }
            onPaths { table, name in
                for (number, (got, wanted)) in Swift.zip(run(table), run(referenceTable)).enumerated() {
                    #expect(difference(got, wanted) < 2e-5, "\(name), \(rows) × \(channels), result \(number)")
                }
            }
        }
    }

    @Test("optimizer updates") func updates() {
        for n in Self.lengths {
            func run(_ t: ck_table) -> [[Float]] {
                var results: [[Float]] = []
                for (momentum, nesterov, first) in [(0, false, false), (0.9, false, true), (0.9, false, false), (0.9, true, false)] as [(Float, Bool, Bool)] {
                    let p = Numbers(n), g = Numbers(n, seed: 2), v = Numbers(n, seed: 3)
                    var s = ck_sgd(learning_rate: 0.1, momentum: momentum, dampening: 0.1, weight_decay: 0.01, nesterov: nesterov, first: first)
                    t.sgd(&s, Int64(n), g.start, momentum == 0 ? nil : v.start, p.start)
                    results += [p.values, v.values]
                }
                for decoupled in [false, true] {
                    let p = Numbers(n), g = Numbers(n, seed: 2), m = Numbers(n, seed: 3), v = Numbers(n, seed: 4).absolute(plus: 0)
                    var s = ck_adam(learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, decoupled: decoupled,
                                    correction1: 0.19, correction2: 0.002)
                    t.adam(&s, Int64(n), g.start, m.start, v.start, p.start)
                    results += [p.values, m.values, v.values]
                }
                return results
            }
            onPaths { table, name in
                for (got, wanted) in Swift.zip(run(table), run(referenceTable)) { #expect(difference(got, wanted) < 1e-5, "\(name), \(n)") }
            }
        }
    }

    @Test("extremes, sums and bins, infinities and NaN among the numbers") func histograms() {
        for n in Self.lengths {
            let x = Numbers(n, scale: 3)
            for (place, special) in [(1, Float.nan), (5, .infinity), (40, -.infinity), (41, .nan)] where place < n { x.start[place] = special }
            var expected = ck_spread(), wanted = [Int32](repeating: 0, count: n)
            referenceTable.spread(Int64(n), x.start, &expected)
            referenceTable.bins(Int64(n), x.start, -2, 0.125, 31, &wanted)
            onPaths { table, name in
                var spread = ck_spread(), places = [Int32](repeating: 0, count: n)
                table.spread(Int64(n), x.start, &spread)
                table.bins(Int64(n), x.start, -2, 0.125, 31, &places)
                #expect(spread.low == expected.low && spread.high == expected.high && spread.nan == expected.nan, "\(name), \(n)")
                #expect(abs(spread.sum - expected.sum) < 1e-9 && places == wanted, "\(name), \(n)")
            }
        }
    }

    @Test("an update by a column times a row is the update by their product, bit for bit") func products() {
        for (rows, columns) in [(1, 1), (3, 7), (256, 784), (2, 2500)] {
            let size = rows * columns, column = Numbers(rows, seed: 5), row = Numbers(columns, seed: 6)
            let written = Numbers(size)
            for r in 0..<rows { for c in 0..<columns { written.start[r * columns + c] = column.start[r] * row.start[c] } }
            var factors = ck_outer_product(rows: Int64(rows), columns: Int64(columns), column: column.start, row: row.start)
            var sgd = ck_sgd(learning_rate: 0.1, momentum: 0.9, dampening: 0, weight_decay: 0.01, nesterov: true, first: false)
            var adam = ck_adam(learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, decoupled: true,
                               correction1: 0.19, correction2: 0.002)
            func run(_ byProduct: Bool) -> [[Float]] {
                let p = Numbers(size, seed: 2), v = Numbers(size, seed: 3), q = Numbers(size, seed: 2), m = Numbers(size, seed: 3)
                let s = Numbers(size, seed: 4).absolute(plus: 0)
                if byProduct {
                    ck_update_sgd_by_product(&sgd, &factors, v.start, p.start)
                    ck_update_adam_by_product(&adam, &factors, m.start, s.start, q.start)
                } else {
                    ck_update_sgd(&sgd, Int64(size), written.start, v.start, p.start)
                    ck_update_adam(&adam, Int64(size), written.start, m.start, s.start, q.start)
                }
                return [p, v, q, m, s].map(\.values)
            }
            #expect(run(true) == run(false), "\(rows) × \(columns)")
        }
    }
}

extension ck_table {
    func one(_ op: Int, _ x: Float) -> Float {
        var (x, y): (Float, Float) = (x, 0)
        map(Int32(op), 1, &x, &y, 0, 0)
        return y
    }
}
