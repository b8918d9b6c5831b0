#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import Layers

// A checkpoint is a safetensors file whose metadata hold the rest: see docs/formats/checkpoint.md.
extension Checkpoint {
    /// The newest version of the file that this library reads, and the one that it writes.
    public static let formatVersion = 2

    private static let (modelPrefix, optimizerPrefix, callbackPrefix) = ("model_state_dict.", "optimizer_state_dict.", "callbacks/")

    private struct State: Codable {
        var epoch: Int
        var loss: Double
        var progress: Progress
        var callbacks: [String: [String: [Double]]]
    }

    /// Writes the checkpoint, whole or not at all.
    /// - Throws: ``ModelFileError/cannotWrite(path:reason:)``
    public func write(to path: String) throws { try writeFile(encoded(), to: path) }

    /// - Throws: ``ModelFileError``
    public init(contentsOf path: String) throws { try self.init(readFile(path), path: path) }

    func encoded() throws -> Data {
        let state = State(epoch: epoch, loss: loss, progress: progress, callbacks: callbacks.mapValues(\.numbers))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let json = String(decoding: try encoder.encode(state), as: UTF8.self)
        func prefixed(_ state: StateDict, _ prefix: String) -> [StateDict.Entry] {
            state.entries.map { StateDict.Entry(name: prefix + $0.name, shape: $0.shape, values: $0.values) }
        }
        var file = Safetensors(tensors: StateDict(
            prefixed(model, Self.modelPrefix) + prefixed(optimizer, Self.optimizerPrefix)
                + callbacks.sorted { $0.key < $1.key }.flatMap { prefixed($1.tensors, "\(Self.callbackPrefix)\($0)/") }))
        // Only a place within an epoch needs version 2; whoever knows version 1 can read the rest.
        let version = progress.place == nil ? 1 : 2
        file.metadata = ["format": "track-checkpoint", "version": "\(version)", "state": json, "crc32": Self.checksum(json, file.numbers)]
        return file.data
    }

    init(_ data: Data, path: String) throws {
        let file = try Safetensors(data, path: path)
        guard file.metadata["format"] == "track-checkpoint", let version = file.metadata["version"].flatMap({ Int($0) }), let json = file.metadata["state"]
        else { throw ModelFileError.notACheckpoint(path: path) }
        guard version <= Self.formatVersion else { throw ModelFileError.newerVersion(path: path, found: version, known: Self.formatVersion) }
        let found = Self.checksum(json, file.numbers), expected = file.metadata["crc32"] ?? "missing"
        guard found == expected else { throw ModelFileError.damaged(path: path, expected: expected, found: found) }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        guard let state = try? decoder.decode(State.self, from: Data(json.utf8)) else { throw ModelFileError.notACheckpoint(path: path) }
        (epoch, loss, progress) = (state.epoch, state.loss, state.progress)
        func part(_ prefix: String) -> StateDict { file.tensors.removingPrefix(prefix) }
        (model, optimizer) = (part(Self.modelPrefix), part(Self.optimizerPrefix))
        callbacks = Dictionary(uniqueKeysWithValues: state.callbacks.map { name, numbers in
            (name, CallbackState(numbers: numbers, tensors: part("\(Self.callbackPrefix)\(name)/")))
        })
    }

    /// Eight hexadecimal digits over the state's text and all numbers.
    private static func checksum(_ json: String, _ numbers: Data) -> String {
        var sum = CRC32()
        Data(json.utf8).withUnsafeBytes { sum.add($0) }
        numbers.withUnsafeBytes { sum.add($0) }
        let digits = String(sum.value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
