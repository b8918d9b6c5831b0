import Foundation
import Testing

/// What the sources declare, against what the tests check: an operation, layer or loss without its check fails here.
@Suite("Every operation is checked") struct CoverageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }

    private static func folder(_ path: String) throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter { $0.hasSuffix(".swift") }.sorted()
            .map { try text("\(path)/\($0)") }.joined(separator: "\n")
    }

    /// Names of public functions on tensors that return one (or one with statistics), operators included.
    private static func operations() throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources/Tensors").path).filter { $0.hasPrefix("Tensor+") }
        let source = try files.sorted().map { try text("Sources/Tensors/\($0)") }.joined(separator: "\n")
        let declaration = /public (?:static |final )*(?:prefix )?func ([A-Za-z0-9]+|[-+*\/.<>=]+)\((?:[^{]|\n)*?-> (Tensor|\(output: Tensor)/
        return Set(source.matches(of: declaration).map { String($0.output.1) })
    }

    /// Operations through which no gradient passes, and the one that only changes the order in memory.
    private static let constant: Set<String> = ["equals", ".<", ".<=", ".>", ".>=", "argmax", "argmin", "oneHot", "sign"]

    @Test("each differentiable operation meets finite differences") func gradients() throws {
        let operations = try Self.operations().subtracting(Self.constant)
        let checks = try Self.text("Tests/TensorsTests/GradientTests.swift")

        let missing = operations.filter { !Self.isUsed($0, in: checks) }
        #expect(operations.count > 50, "the declarations were not found: \(operations.sorted())")
        #expect(missing.isEmpty, "without a check against finite differences: \(missing.sorted())")
    }

    @Test("each operation is compared with PyTorch") func references() throws {
        let checks = try Self.text("Tests/LayersTests/OperationReferenceTests.swift") + Self.text("Tests/LayersTests/LayerReferenceTests.swift")
        // Compared as layers: the module's name. Random: held to its definition in KernelTests, bit for bit.
        let asLayers = ["batchNorm": "BatchNorm2d(", "layerNorm": "LayerNorm(", "selfAttention": "MultiHeadAttention(", "crossEntropy": "CrossEntropyLoss(",
                        "binaryCrossEntropy": "BCEWithLogitsLoss(", "meanSquaredError": "MSELoss(", "negativeLogLikelihood": "NLLLoss("]
        let missing = try Self.operations().subtracting(["dropout"]).filter { name in
            !(asLayers[name].map { checks.contains($0) } ?? Self.isUsed(name, in: checks))
        }

        #expect(missing.isEmpty, "without a reference: \(missing.sorted())")
    }

    @Test("each layer and loss is compared with PyTorch") func layers() throws {
        let source = try Self.folder("Sources/Layers")
        let names = Set(source.matches(of: /public final class ([A-Za-z0-9]+): (?:Module|Loss)/).map { String($0.output.1) })
        let checks = try Self.text("Tests/LayersTests/OperationReferenceTests.swift") + Self.text("Tests/LayersTests/LayerReferenceTests.swift")
        // A Lambda is a function of the user's.
        let missing = names.subtracting(["Lambda"]).filter { !checks.contains("\($0)(") }

        #expect(names.count >= 20 && missing.isEmpty, "without a reference: \(missing.sorted())")
    }

    private static func isUsed(_ name: String, in text: String) -> Bool {
        name.first!.isLetter ? text.contains(".\(name)(") : text.contains(" \(name) ") || text.contains("\(name)$")
    }
}
