#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import Layers

/// The file format of Hugging Face for named tensors: eight bytes of header length, a JSON header, raw little-endian numbers.
/// Drawn in docs/formats/checkpoint.md. Read by every machine-learning framework; runs no code when opened, unlike pickle.
struct Safetensors {
    var tensors: StateDict
    var metadata: [String: String]

    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// The header's JSON object: tensors by name, and one entry of plain text.
    private struct Header: Codable {
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys {
                if key.stringValue == "__metadata__" {
                    metadata = try container.decode([String: String].self, forKey: key)
                } else {
                    entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
                }
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            if !metadata.isEmpty { try container.encode(metadata, forKey: Key(stringValue: "__metadata__")) }
            for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
        }
    }

    init(tensors: StateDict, metadata: [String: String] = [:]) { (self.tensors, self.metadata) = (tensors, metadata) }

    /// - Throws: ``ModelFileError/notSafetensors(path:reason:)``; `path` only serves the message.
    init(_ file: Data, path: String) throws {
        func fail(_ reason: String) -> ModelFileError { .notSafetensors(path: path, reason: reason) }
        guard file.count >= 8 else { throw fail("it has \(file.count) bytes") }
        let length = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(file.count - 8) else { throw fail("its header should have \(length) bytes, but the file has \(file.count)") }
        let start = 8 + Int(length)
        guard let header = try? JSONDecoder().decode(Header.self, from: file[8..<start]) else { throw fail("its header is not the JSON object expected") }
        metadata = header.metadata
        let ordered = header.entries.sorted { ($0.value.data_offsets.first ?? 0, $0.key) < ($1.value.data_offsets.first ?? 0, $1.key) }
        tensors = StateDict(try ordered.map { name, entry in
            let size = entry.dtype == "F32" ? 4 : entry.dtype == "I64" ? 8 : 0
            guard size > 0 else { throw fail("tensor \(name) has numbers of kind \(entry.dtype); F32 and I64 can be read") }
            var bytes = size
            for side in entry.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
                guard side >= 0, !overflow else { throw fail("tensor \(name) has shape \(entry.shape)") }
                bytes = product
            }
            guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0, entry.data_offsets[0] <= file.count - start,
                  entry.data_offsets[1] - entry.data_offsets[0] == bytes, entry.data_offsets[1] <= file.count - start
            else { throw fail("tensor \(name) of shape \(entry.shape) has offsets \(entry.data_offsets) in \(file.count - start) bytes") }
            let values = file.withUnsafeBytes { Self.values(size, in: $0[(start + entry.data_offsets[0])..<(start + entry.data_offsets[1])]) }
            return StateDict.Entry(name: name, shape: entry.shape, values: values)
        })
    }

    private static func values(_ size: Int, in bytes: Slice<UnsafeRawBufferPointer>) -> StateValues {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes), count = bytes.count / size
        if size == 8 {
            return .integers((0..<count).map { Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) })
        }
        return .floats((0..<count).map { Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))) })
    }

    /// The numbers alone, one tensor after the other.
    var numbers: Data {
        var data = Data(capacity: tensors.entries.reduce(0) { $0 + $1.values.count * 8 })
        for entry in tensors.entries {
            switch entry.values {
            case .floats(let values): values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
            case .integers(let values): values.map(\.littleEndian).withUnsafeBytes { data.append(contentsOf: $0) }
            }
        }
        return data
    }

    /// The whole file.
    var data: Data {
        var header = Header(), offset = 0
        header.metadata = metadata
        for entry in tensors.entries {
            let (kind, size) = if case .floats = entry.values { ("F32", 4) } else { ("I64", 8) }
            header.entries[entry.name] = Entry(dtype: kind, shape: entry.shape, data_offsets: [offset, offset + entry.values.count * size])
            offset += entry.values.count * size
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A header of strings and small integers cannot fail to encode.
        var json = try! encoder.encode(header)
        while json.count % 8 != 0 { json.append(0x20) }
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(numbers)
        return file
    }
}

extension StateDict {
    /// Reads a safetensors file, whichever framework wrote it.
    /// - Throws: ``ModelFileError``
    public init(contentsOf path: String) throws { self = try Safetensors(readFile(path), path: path).tensors }

    /// Writes a safetensors file, whole or not at all.
    /// - Throws: ``ModelFileError/cannotWrite(path:reason:)``
    public func write(to path: String) throws { try writeFile(Safetensors(tensors: self).data, to: path) }
}

extension Module {
    /// Writes all parameters and buffers as a safetensors file, whole or not at all.
    public func save(to path: String) throws { try stateDict().write(to: path) }

    /// Reads what ``save(to:)`` or another framework wrote; the model must have the same parts.
    /// - Throws: ``ModelFileError``, `StateDictError` with every name and shape that does not fit.
    @discardableResult
    public func load(from path: String, strict: Bool = true) throws -> LoadReport { try load(StateDict(contentsOf: path), strict: strict) }
}
