import CKernels
import Foundation
import Synchronization
import Testing

/// Runs `body` with each fast table and with the reference in turn, for this thread and its loops only.
func onTables(_ body: (_ name: String) -> Void) {
    for path in availablePaths {
        ck_override_table(ck_table_for(Int32(path)))
        body(["128", "AVX2", "AVX-512"][path])
    }
    withUnsafePointer(to: referenceTable) { table in
        ck_override_table(table)
        body("reference")
        ck_override_table(nil)
    }
}

@Suite("Matrix products and convolutions meet their definition") struct ProductTests {
    static let sizes = [(1, 1, 1), (1, 7, 5), (1, 300, 130), (2, 3, 4), (5, 33, 17), (12, 32, 16), (13, 65, 129), (48, 20, 1), (64, 10, 128), (70, 100, 40)]

    @Test("products in all transposes, with bias, ReLU and accumulation") func products() {
        for (m, n, k) in Self.sizes {
            for (at, bt) in [(false, false), (false, true), (true, false), (true, true)] {
                let a = Numbers(m * k), b = Numbers(k * n, seed: 2), bias = Numbers(n, seed: 3)
                func exact(_ i: Int, _ j: Int) -> Double {
                    (0..<k).reduce(0.0) { sum, l in
                        sum + Double(a.start[at ? l * m + i : i * k + l]) * Double(b.start[bt ? j * k + l : l * n + j])
                    }
                }
                let plain = (0..<m * n).map { exact($0 / n, $0 % n) }
                onTables { name in
                    let c = Numbers(m * n, seed: 4), before = c.values
                    ck_gemm(at, bt, Int64(m), Int64(n), Int64(k), a.start, Int64(at ? m : k), b.start, Int64(bt ? k : n), c.start, Int64(n), true, nil, false)
                    #expect(difference(c.values, (0..<m * n).map { Float(plain[$0]) + before[$0] }) < 2e-6, "\(name): \(m)×\(n)×\(k) \(at) \(bt), added")
                    ck_gemm(at, bt, Int64(m), Int64(n), Int64(k), a.start, Int64(at ? m : k), b.start, Int64(bt ? k : n), c.start, Int64(n), false, bias.start, true)
                    #expect(difference(c.values, (0..<m * n).map { max(0, Float(plain[$0]) + bias.start[$0 % n]) }) < 2e-6, "\(name): \(m)×\(n)×\(k) \(at) \(bt)")
                }
            }
        }
    }

    /// Kernel, stride, padding, dilation, groups and sizes drawn at random.
    static func drawn(_ seed: UInt64) -> ck_conv {
        var counter: UInt64 = 0
        func pick(_ range: ClosedRange<Int>) -> Int64 {
            counter += 1
            return Int64(range.lowerBound + Int(ck_random_bits(seed, counter) % UInt64(range.count)))
        }
        let groups = [1, 1, 1, 2, 3][Int(pick(0...4))], perIn = pick(1...9), perOut = pick(1...20)
        var c = ck_conv(
            batch: pick(1...3), height: pick(5...12), width: pick(5...12), in_channels: perIn * Int64(groups), out_channels: perOut * Int64(groups),
            out_height: 0, out_width: 0, kernel_h: pick(1...3), kernel_w: pick(1...3), stride_h: pick(1...3), stride_w: pick(1...3),
            pad_h: pick(0...2), pad_w: pick(0...2), dilation_h: pick(1...2), dilation_w: pick(1...2), groups: Int64(groups), x_strides: (0, 0, 0, 0))
        c.out_height = (c.height + 2 * c.pad_h - c.dilation_h * (c.kernel_h - 1) - 1) / c.stride_h + 1
        c.out_width = (c.width + 2 * c.pad_w - c.dilation_w * (c.kernel_w - 1) - 1) / c.stride_w + 1
        let channelsFirst = pick(0...1) == 0
        c.x_strides = channelsFirst ? (c.in_channels * c.height * c.width, c.width, 1, c.height * c.width)
            : (c.height * c.width * c.in_channels, c.width * c.in_channels, c.in_channels, 1)
        return c
    }

    /// Calls `body` with the places of input, weight and output of each product that the convolution sums.
    static func eachProduct(_ c: ck_conv, _ body: (_ x: Int, _ inputNHWC: Int, _ weight: Int, _ output: Int) -> Void) {
        let perIn = c.in_channels / c.groups, perOut = c.out_channels / c.groups
        for n in 0..<c.batch { for oy in 0..<c.out_height { for ox in 0..<c.out_width { for o in 0..<c.out_channels {
            for ky in 0..<c.kernel_h { for kx in 0..<c.kernel_w {
                let y = oy * c.stride_h - c.pad_h + ky * c.dilation_h, x = ox * c.stride_w - c.pad_w + kx * c.dilation_w
                guard y >= 0, y < c.height, x >= 0, x < c.width else { continue }
                for i in 0..<perIn {
                    let channel = o / perOut * perIn + i
                    body(Int(n * c.x_strides.0 + y * c.x_strides.1 + x * c.x_strides.2 + channel * c.x_strides.3),
                         Int(((n * c.height + y) * c.width + x) * c.in_channels + channel),
                         Int(((o * perIn + i) * c.kernel_h + ky) * c.kernel_w + kx),
                         Int(((n * c.out_height + oy) * c.out_width + ox) * c.out_channels + o))
                }
            } }
        } } } }
    }

    @Test("40 random convolutions, forward and all gradients", arguments: UInt64(1)...40) func convolution(_ seed: UInt64) {
        var c = Self.drawn(seed)
        let inputs = Int(c.batch * c.height * c.width * c.in_channels), outputs = Int(c.batch * c.out_height * c.out_width * c.out_channels)
        let weights = Int(c.out_channels * c.in_channels / c.groups * c.kernel_h * c.kernel_w), channels = Int(c.out_channels)
        let x = Numbers(inputs), w = Numbers(weights, seed: 2), bias = Numbers(channels, seed: 3), g = Numbers(outputs, seed: 4)
        var y = (0..<outputs).map { Double(bias.start[$0 % channels]) }
        Self.eachProduct(c) { x0, _, w0, o in y[o] += Double(x.start[x0]) * Double(w.start[w0]) }
        let masked = (0..<outputs).map { y[$0] > 0 ? Double(g.start[$0]) : 0 }
        var dx = Array(repeating: 0.0, count: inputs), dw = Array(repeating: 0.0, count: weights), db = Array(repeating: 0.0, count: channels)
        Self.eachProduct(c) { x0, place, w0, o in
            dx[place] += masked[o] * Double(w.start[w0])
            dw[w0] += masked[o] * Double(x.start[x0])
        }
        for o in 0..<outputs { db[o % channels] += masked[o] }

        onTables { name in
            let result = Numbers(outputs), inputGradient = Numbers(inputs), weightGradient = Numbers(weights), biasGradient = Numbers(channels)
            ck_conv_forward(&c, x.start, w.start, bias.start, true, result.start)
            ck_conv_backward(&c, x.start, w.start, result.start, g.start, inputGradient.start, weightGradient.start, biasGradient.start)

            #expect(difference(result.values, y.map { max(0, Float($0)) }) < 3e-6, "\(name): output of \(c)")
            #expect(difference(inputGradient.values, dx.map { Float($0) }) < 3e-6, "\(name): input gradient of \(c)")
            #expect(difference(weightGradient.values, dw.map { Float($0) }) < 5e-6, "\(name): weight gradient of \(c)")
            #expect(difference(biasGradient.values, db.map { Float($0) }) < 5e-6, "\(name): bias gradient of \(c)")
        }
    }
}

/// Which kernels ran while ``watchingTable`` was in use; loops run them in other threads too.
private let reached = Mutex<Set<String>>([])

/// The reference, which writes down what products and convolutions call.
private let watchingTable: ck_table = {
    var table = referenceTable
    table.row_panel = { reached.withLock { _ = $0.insert("row_panel") }; referenceTable.row_panel($0, $1, $2, $3) }
    table.outer_panel = { reached.withLock { _ = $0.insert("outer_panel") }; referenceTable.outer_panel($0, $1, $2, $3) }
    table.dots = { reached.withLock { _ = $0.insert("dots") }; referenceTable.dots($0) }
    table.row_times_matrix = {
        reached.withLock { _ = $0.insert("row_times_matrix") }
        referenceTable.row_times_matrix($0, $1, $2, $3, $4, $5)
    }
    table.transpose = { reached.withLock { _ = $0.insert("transpose") }; referenceTable.transpose($0, $1, $2, $3, $4, $5) }
    return table
}()

@Suite("No kernel is left out") struct KernelCoverageTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    @Test("products reach the kernels that no test calls by itself; each other entry of the table is called and compared") func table() throws {
        let header = try String(contentsOf: Self.folder.appending(path: "../../Sources/CKernels/include/ck_table.h"), encoding: .utf8)
        let tests = try String(contentsOf: Self.folder.appending(path: "KernelTests.swift"), encoding: .utf8)
        let entries = Set(header.matches(of: /\(\*([a-z_]+)\)\(/).map { String($0.output.1) })

        withUnsafePointer(to: watchingTable) { table in
            ck_override_table(table)
            for (m, n, k) in ProductTests.sizes { Self.multiply(m, n, k) }
            ck_override_table(nil)
        }

        let throughProducts = reached.withLock { $0 }
        #expect(throughProducts == ["row_panel", "outer_panel", "dots", "row_times_matrix", "transpose"])
        #expect(entries.count == 26 && throughProducts.isSubset(of: entries), "\(entries.sorted())")
        for entry in entries.subtracting(throughProducts) { #expect(tests.contains(".\(entry)("), "\(entry) is not compared") }
    }

    /// The four transposes, as ``ProductTests`` compares them.
    private static func multiply(_ m: Int, _ n: Int, _ k: Int) {
        let a = Numbers(m * k), b = Numbers(k * n, seed: 2), c = Numbers(m * n)
        for (at, bt) in [(false, false), (false, true), (true, false), (true, true)] {
            ck_gemm(at, bt, Int64(m), Int64(n), Int64(k), a.start, Int64(at ? m : k), b.start, Int64(bt ? k : n), c.start, Int64(n), false, nil, false)
        }
    }
}
