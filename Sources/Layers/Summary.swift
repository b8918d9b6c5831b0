import Tensors

/// The layers of a model with what comes out of each and how many parameters it has.
public struct ModelSummary: Sendable, Equatable, CustomStringConvertible {
    /// One layer, in the order of the forward pass.
    public struct Row: Sendable, Equatable {
        /// The type's name and the place in the table, from 1: `Conv2d-1`.
        public var name: String
        /// The path in the model.
        public var path: String
        /// The size of what comes out, without the batch.
        public var outputShape: [Int]
        /// The layer's own parameters, and how many of them are trained.
        public var parameters: Int, trainable: Int
    }

    /// The layers that hold no other layers, once for each time they run.
    public var rows: [Row]
    /// The size of the input, without the batch.
    public var inputShape: [Int]

    /// All parameters of the rows.
    public var parameterCount: Int { rows.reduce(0) { $0 + $1.parameters } }
    /// Those that are trained: not frozen.
    public var trainableCount: Int { rows.reduce(0) { $0 + $1.trainable } }

    /// Megabytes (2²⁰ bytes) of one example.
    public var inputMegabytes: Double { Self.megabytes(inputShape.reduce(1, *)) }
    /// Megabytes of all outputs and their gradients for one example.
    public var passMegabytes: Double { Self.megabytes(2 * rows.reduce(0) { $0 + $1.outputShape.reduce(1, *) }) }
    /// Megabytes of the parameters.
    public var parameterMegabytes: Double { Self.megabytes(parameterCount) }

    private static func megabytes(_ floats: Int) -> Double { Double(floats) * 4 / 1_048_576 }

    /// The table as text, 64 columns wide, in the form that torchsummary made known.
    public var description: String {
        let dashes = String(repeating: "-", count: 64), equals = String(repeating: "=", count: 64)
        var lines = [dashes, Self.line("Layer (type)", "Output Shape", "Param #"), equals]
        lines += rows.map { row in
            let shape = ([-1] + row.outputShape).map(String.init).joined(separator: ", ")
            return Self.line(row.name, "[\(shape)]", Self.grouped(row.parameters))
        }
        lines += [equals, "Total params: \(Self.grouped(parameterCount))", "Trainable params: \(Self.grouped(trainableCount))",
                  "Non-trainable params: \(Self.grouped(parameterCount - trainableCount))", dashes,
                  "Input size (MB): \(Self.hundredths(inputMegabytes))", "Forward/backward pass size (MB): \(Self.hundredths(passMegabytes))",
                  "Params size (MB): \(Self.hundredths(parameterMegabytes))",
                  "Estimated Total Size (MB): \(Self.hundredths(inputMegabytes + passMegabytes + parameterMegabytes))", dashes]
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ shape: String, _ count: String) -> String {
        "\(right(name, 20))  \(right(shape, 25)) \(right(count, 15))"
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// 576000 as `576,000`.
    static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }

    private static func hundredths(_ value: Double) -> String {
        let rounded = Int((value * 100).rounded())
        return "\(rounded / 100).\(rounded % 100 < 10 ? "0" : "")\(rounded % 100)"
    }
}

extension Module {
    /// Runs one example of zeros through the model, in evaluation and without recording, and lists the layers it met.
    /// - Parameter inputShape: The size of one example, without the batch: `[3, 224, 224]`.
    public final func summary(_ inputShape: [Int]) -> ModelSummary {
        var rows: [ModelSummary.Row] = []
        let hooks = namedModules().filter { $0.module.children.isEmpty }.map { path, module in
            module.addForwardHook { module, _, output in
                let parameters = module.parameters()
                rows.append(ModelSummary.Row(
                    name: "\(type(of: module))-\(rows.count + 1)", path: path, outputShape: Array(output.shape.dropFirst()),
                    parameters: parameters.reduce(0) { $0 + $1.count },
                    trainable: parameters.reduce(0) { $0 + ($1.requiresGrad ? $1.count : 0) }))
            }
        }
        defer { for hook in hooks { hook.remove() } }
        _ = noGrad { inEvaluation { self(.zeros(Shape([2] + inputShape))) } }
        return ModelSummary(rows: rows, inputShape: inputShape)
    }
}
