#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import Layers
import Tensors

/// One layer in words: its type and what it was made with, without its weights.
public struct LayerDescription: Codable, Sendable, Equatable {
    /// The Swift type, `Conv2d`.
    public var type: String
    /// Sizes, numbers and switches (0 or 1) by the name of the initializer's argument.
    public var options: [String: [Double]]
    /// The layers of a `Sequential`.
    public var layers: [LayerDescription]?

    init(_ type: String, _ options: [String: [Double]] = [:], layers: [LayerDescription]? = nil) {
        (self.type, self.options, self.layers) = (type, options, layers)
    }
}

extension LayerDescription {
    /// Describes a layer.
    /// - Throws: ``ModelFileError/undescribed(type:)`` for a module of your own: its code cannot be written down.
    public init(of module: Module) throws {
        func flag(_ value: Bool) -> [Double] { [value ? 1 : 0] }
        func size(_ size: Size2D) -> [Double] { [Double(size.height), Double(size.width)] }
        func sizes(_ shape: Shape) -> [Double] { shape.map(Double.init) }
        switch module {
        case let m as Sequential: self.init("Sequential", layers: try m.layers.map { try LayerDescription(of: $0) })
        case let m as Linear: self.init("Linear", ["weight": sizes(m.weight.shape), "bias": flag(m.bias != nil)])
        case let m as Embedding: self.init("Embedding", ["weight": sizes(m.weight.shape)])
        case let m as ConvLayer:
            self.init("ConvLayer", ["weight": sizes(m.weight.shape), "stride": [Double(m.stride)], "bias": flag(m.bias != nil), "act": flag(m.act)])
        case let m as Conv2d:
            self.init("Conv2d", [
                "weight": sizes(m.weight.shape), "stride": size(m.stride), "padding": size(m.padding), "dilation": size(m.dilation),
                "groups": [Double(m.groups)], "bias": flag(m.bias != nil),
            ])
        case let m as MaxPool2d: self.init("MaxPool2d", ["kernel": size(m.kernel), "stride": size(m.stride), "padding": size(m.padding)])
        case let m as AdaptiveAvgPool2d: self.init("AdaptiveAvgPool2d", ["size": size(m.size)])
        case let m as BatchNorm2d:
            self.init("BatchNorm2d", ["channels": sizes(m.weight.shape), "momentum": [Double(m.momentum)], "epsilon": [Double(m.epsilon)]])
        case let m as LayerNorm: self.init("LayerNorm", ["shape": sizes(m.weight.shape), "epsilon": [Double(m.epsilon)]])
        case let m as Dropout: self.init("Dropout", ["probability": [Double(m.probability)]])
        case let m as GELU: self.init("GELU", ["approximate": flag(m.approximate)])
        case is AdaptivePool, is ReLU, is Tanh, is Sigmoid, is Flatten: self.init("\(Swift.type(of: module))")
        default: throw ModelFileError.undescribed(type: "\(Swift.type(of: module))")
        }
    }

    private static let withoutOptions: [String: @Sendable () -> Module] = [
        "AdaptivePool": { AdaptivePool() }, "ReLU": { ReLU() }, "Tanh": { Tanh() }, "Sigmoid": { Sigmoid() }, "Flatten": { Flatten() },
    ]

    /// Makes the layer, with fresh weights.
    /// - Throws: ``ModelFileError/unknownLayer(type:)``, ``ModelFileError/badLayer(type:option:)``
    public func makeModule() throws -> Module {
        switch type {
        case "Sequential": return Sequential(try (layers ?? []).map { try $0.makeModule() })
        case "Linear": return try Linear(int("weight", 1, of: 2), int("weight", 0, of: 2), bias: flag("bias"))
        case "Embedding": return try Embedding(int("weight", 0, of: 2), int("weight", 1, of: 2))
        case "ConvLayer": return try ConvLayer(int("weight", 1, of: 4), int("weight", 0, of: 4), stride: int("stride"), bias: flag("bias"), act: flag("act"))
        case "Conv2d":
            let groups = try int("groups")
            return try Conv2d(
                int("weight", 1, of: 4) * groups, int("weight", 0, of: 4), kernel: Size2D(int("weight", 2, of: 4), int("weight", 3, of: 4)),
                stride: size("stride"), padding: size("padding"), dilation: size("dilation"), groups: groups, bias: flag("bias"))
        case "MaxPool2d": return try MaxPool2d(size("kernel"), stride: size("stride"), padding: size("padding"))
        case "AdaptiveAvgPool2d": return try AdaptiveAvgPool2d(size("size"))
        case "BatchNorm2d": return try BatchNorm2d(int("channels"), momentum: Float(number("momentum")), epsilon: Float(number("epsilon")))
        case "LayerNorm":
            let sizes = options["shape"] ?? []
            return try LayerNorm(Shape(sizes.indices.map { try int("shape", $0, of: sizes.count) }), epsilon: Float(number("epsilon")))
        case "Dropout": return Dropout(Float(try number("probability")))
        case "GELU": return try GELU(approximate: flag("approximate"))
        default:
            guard let make = Self.withoutOptions[type] else { throw ModelFileError.unknownLayer(type: type) }
            return make()
        }
    }

    private func number(_ option: String, _ place: Int = 0, of count: Int = 1) throws -> Double {
        guard let values = options[option], values.count == count, values[place].isFinite else { throw ModelFileError.badLayer(type: type, option: option) }
        return values[place]
    }

    /// A whole number that a size can be.
    private func int(_ option: String, _ place: Int = 0, of count: Int = 1) throws -> Int {
        guard let value = Int(exactly: try number(option, place, of: count)), 0..<(1 << 31) ~= value else {
            throw ModelFileError.badLayer(type: type, option: option)
        }
        return value
    }

    private func flag(_ option: String) throws -> Bool { try number(option) != 0 }
    private func size(_ option: String) throws -> Size2D { Size2D(try int(option, 0, of: 2), try int(option, 1, of: 2)) }
}

extension Sequential {
    /// Writes the whole model, layers and weights, as one safetensors file: the layers stand as JSON in its metadata.
    /// - Throws: ``ModelFileError``
    public func saveWhole(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(LayerDescription(of: self)), as: UTF8.self)
        try writeFile(Safetensors(tensors: stateDict(), metadata: ["format": "track-model", "version": "1", "architecture": json]).data, to: path)
    }

    /// Reads what ``saveWhole(to:)`` wrote; no code of the model is needed.
    /// - Throws: ``ModelFileError``
    public convenience init(contentsOf path: String) throws {
        let file = try Safetensors(readFile(path), path: path)
        guard file.metadata["format"] == "track-model", let json = file.metadata["architecture"],
              let description = try? JSONDecoder().decode(LayerDescription.self, from: Data(json.utf8)),
              let model = try description.makeModule() as? Sequential
        else { throw ModelFileError.notAModel(path: path) }
        self.init(model.layers)
        try load(file.tensors)
    }
}
